import { describe, expect, it } from 'vitest'
import { decodeMetadata, encodeMetadata } from './intent.ts'

const largest = Number.MAX_SAFE_INTEGER

describe('commit metadata', () => {
  it.each([
    [{ first: 0, last: 0, raw: -1 }, '{"first":0,"last":0,"raw":-1}'],
    [{ first: 10, last: 19, raw: 7 }, '{"first":10,"last":19,"raw":7}'],
    [{ first: 10, last: 12, raw: 7, split: 19 }, '{"first":10,"last":12,"raw":7,"split":19}'],
    [{ raw: 7 }, '{"raw":7}'],
    [{ raw: 7, split: 29 }, '{"raw":7,"split":29}'],
  ])('writes and reads %j', (metadata, text) => {
    expect(encodeMetadata(metadata)).toBe(text)
    const offset = 'first' in metadata ? metadata.first : 20
    expect(decodeMetadata({ offset, metadata: text })).toEqual(metadata)
  })

  it('stays below 200 bytes', () => {
    expect(
      encodeMetadata({ first: largest, last: largest, raw: largest, split: largest }).length,
    ).toBeLessThan(200)
  })

  it('is absent where an operator has set the position', () => {
    expect(decodeMetadata({ offset: 5, metadata: '' })).toBeUndefined()
  })

  it.each([
    ['no JSON', 'first=1'],
    ['another shape', '{"next":1}'],
    ['an unknown field', '{"raw":1,"rows":2}'],
    ['half an intent', '{"first":5,"raw":1}'],
    ['a range backwards', '{"first":5,"last":4,"raw":1}'],
    ['a range away from its offset', '{"first":6,"last":9,"raw":1}'],
    ['a split before the range', '{"first":5,"last":9,"raw":1,"split":4}'],
    ['a fraction', '{"first":5,"last":9.5,"raw":1}'],
    ['a negative offset', '{"first":-5,"last":9,"raw":1}'],
    ['text for a number', '{"raw":"1"}'],
  ])('refuses %s', (_title, metadata) => {
    expect(() => decodeMetadata({ offset: 5, metadata })).toThrow(
      expect.objectContaining({ code: 'METADATA_NOT_UNDERSTOOD', retriable: false }),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { recordBatches } from './record-batches.ts'

describe('record batches', () => {
  const values = ['a', 'bb', 'ccc'].map((text) => Buffer.from(text))

  it('hold the values in turn, the last batch what is left', () => {
    const { batches, records, bytes } = recordBatches(values, { topic: 't', records: 5, batchRecords: 2 })
    expect(batches.map((batch) => batch.map(({ value }) => value.toString()))).toEqual([
      ['a', 'bb'],
      ['ccc', 'a'],
      ['bb'],
    ])
    expect({ records, bytes }).toEqual({ records: 5, bytes: 9 })
  })

  it('need a value', () => {
    expect(() => recordBatches([], { topic: 't', records: 1, batchRecords: 1 })).toThrow('no values')
  })
})

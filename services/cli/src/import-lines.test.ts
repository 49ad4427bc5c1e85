import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineSplitter, type SourceLine } from './import-lines.ts'

const begin = { position: 0, lines: 0, lineBytesMax: 10 }

function split(chunks: readonly Buffer[], options = begin): SourceLine[] {
  const splitter = new LineSplitter(options)
  return [...chunks.flatMap((chunk) => [...splitter.push(chunk)]), ...splitter.end()]
}
const shown = ({ number, start, end, bytes }: SourceLine) => [number, start, end, bytes?.toString()]

describe('LineSplitter', () => {
  const cases: [title: string, chunks: string[], lines: unknown[]][] = [
    ['nothing', [], []],
    ['one line', ['ab\n'], [[1, 0, 3, 'ab']]],
    ['a last line without a line break', ['ab\ncd'], [[1, 0, 3, 'ab'], [2, 3, 5, 'cd']]], // prettier-ignore
    ['empty lines', ['\n\na\n'], [[1, 0, 1, ''], [2, 1, 2, ''], [3, 2, 4, 'a']]], // prettier-ignore
    ['a line in pieces', ['a', 'b', 'c\nd', '\n'], [[1, 0, 4, 'abc'], [2, 4, 6, 'd']]], // prettier-ignore
    ['a line at the limit', ['0123456789\n'], [[1, 0, 11, '0123456789']]],
    ['a line above the limit', ['0123456789a\nb\n'], [[1, 0, 12, undefined], [2, 12, 14, 'b']]], // prettier-ignore
    ['a line above the limit in pieces', ['01234567', '89ab', 'cd', '\nb'], [[1, 0, 15, undefined], [2, 15, 16, 'b']]], // prettier-ignore
  ]
  it.each(cases)('cuts %s', (_, chunks, lines) => {
    expect(split(chunks.map((chunk) => Buffer.from(chunk))).map(shown)).toEqual(lines)
  })

  it('goes on with the number and the place of the lines before', () => {
    expect(split([Buffer.from('a\nb')], { ...begin, position: 100, lines: 7 }).map(shown)).toEqual([
      [8, 100, 102, 'a'],
      [9, 102, 103, 'b'],
    ])
  })

  it('gives the same lines however the bytes come', () => {
    const anyBytes = fc
      .uint8Array({ maxLength: 60 })
      .map((bytes) => Buffer.from(bytes.map((byte) => byte % 16)))
    fc.assert(
      fc.property(anyBytes, fc.array(fc.nat(60)), (bytes, cuts) => {
        const places = [
          0,
          ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b),
          bytes.length,
        ]
        const chunks = places.slice(1).map((to, index) => bytes.subarray(places[index], to))
        expect(split(chunks)).toEqual(split([bytes]))
      }),
    )
  })
})

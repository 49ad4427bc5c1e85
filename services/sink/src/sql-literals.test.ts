import { expect, it } from 'vitest'
import { idLiteral, textLiteral, timeLiteral } from './sql-literals.ts'

it.each([
  ['plain', "'plain'"],
  ["it's", String.raw`'it\'s'`],
  ['a\\b', String.raw`'a\\b'`],
  ['\u0000\n\u001f', String.raw`'\x00\x0a\x1f'`],
  ['zürich 😀', "'zürich 😀'"],
])('writes the text %j as %s', (text, literal) => expect(textLiteral(text)).toBe(literal))

it.each([
  [0, "toDateTime(0, 'UTC')"],
  [1.9, "toDateTime(1, 'UTC')"],
  [-5, "toDateTime(0, 'UTC')"],
  [2 ** 40, "toDateTime(4294967295, 'UTC')"],
])('writes the time %d as %s', (seconds, literal) => expect(timeLiteral(seconds)).toBe(literal))

it('writes an id of 64 bits to the last', () => {
  expect(idLiteral('ffffffffffffffff')).toBe('18446744073709551615')
})

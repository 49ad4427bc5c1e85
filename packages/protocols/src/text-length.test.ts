import { describe, expect, it } from 'vitest'
import { cutBytes, cutText, exceedsBytes, exceedsText } from './text-length.ts'

const family = '👨‍👩‍👧‍👦'

describe('exceedsBytes', () => {
  it.each<[string, number, boolean]>([
    ['abc', 3, false],
    ['abcd', 3, true],
    ['éé', 4, false],
    ['éé', 3, true],
    ['€€', 5, true],
    ['😀', 4, false],
    ['😀', 3, true],
    ['', 0, false],
  ])('counts the bytes of %j against %i: %s', (text, bytesMax, expected) => {
    expect(exceedsBytes(text, bytesMax)).toBe(expected)
  })
})

describe('cutText', () => {
  it.each<[string, string, [graphemesMax: number, bytesMax: number], string]>([
    ['keeps what fits', 'abc', [3, 9], 'abc'],
    ['cuts plain text', 'abcdef', [3, 9], 'abc'],
    ['counts a family as one character', family.repeat(4), [3, 999], family.repeat(3)],
    ['counts a letter with its accent as one', 'e\u0301e\u0301e\u0301', [2, 99], 'e\u0301e\u0301'],
    ['counts a line break of two characters as one', '\r\n\r\n\r\n', [2, 99], '\r\n\r\n'],
    ['keeps an accent with the last plain letter before the cut', 'abc\u0301d', [3, 99], 'abc\u0301'],
    ['cuts at the byte limit between characters', 'ééé', [9, 5], 'éé'],
    ['cuts no character in two at the byte limit', `a${family}`, [9, 10], 'a'],
    ['cuts no character in two whose first unit would fit', '\tabe\u0301', [9, 4], '\tab'],
    ['leaves nothing of a character that is too long', `a${'\u0301'.repeat(50)}`, [9, 20], ''],
  ])('%s', (_, text, [graphemesMax, bytesMax], expected) => {
    const limits = { graphemesMax, bytesMax }
    expect(cutText(text, limits)).toBe(expected)
    expect(exceedsText(text, limits)).toBe(expected !== text)
  })
})

describe('cutBytes', () => {
  it.each<[string, number, string]>([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'abc'],
    ['ééé', 5, 'éé'],
    ['€€', 5, '€'],
    ['a😀', 4, 'a'],
    ['a😀b', 5, 'a😀'],
    ['😀😀', 5, '😀'],
    ['é', 1, ''],
    ['', 0, ''],
  ])('cuts %j at %i bytes to %j', (text, bytesMax, expected) => {
    expect(cutBytes(text, bytesMax)).toBe(expected)
  })
})

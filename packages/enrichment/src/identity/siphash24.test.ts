import siphash from 'siphash'
import { expect, test } from 'vitest'
import { siphash24Hex } from './siphash24.ts'

test("gives the reference implementation's values", () => {
  // Key 00..0f over 00..0e: the vector printed in the paper, a129ca6149be45e5.
  const key = Uint8Array.from({ length: 16 }, (_, i) => i)
  const message = Uint8Array.from({ length: 15 }, (_, i) => i)
  expect(siphash24Hex(key, message)).toBe('a129ca6149be45e5')
})

test('agrees with the npm package on every length up to 300 bytes', () => {
  const keyText = 'kA9~0123456789xZ'
  const key = Buffer.from(keyText)
  for (let length = 0; length <= 300; length++) {
    const message = Uint8Array.from({ length }, (_, i) => (i * 167 + length * 31) & 0xff)
    expect(siphash24Hex(key, message)).toBe(siphash.hash_hex(siphash.string16_to_key(keyText), message))
  }
})

test('takes no key of another length', () => {
  expect(() => siphash24Hex(new Uint8Array(15), new Uint8Array())).toThrow('a salt has 16 bytes, not 15')
})

import { describe, expect, it } from 'vitest'
import { murmur3, sessionHash } from './session-hash.ts'

describe('murmur3', () => {
  it.each([
    ['', 0],
    ['hello', 0x248bfa47],
    ['hello, world', 0x149bbb7f],
    ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
  ])('gives the published value for %j', (text, expected) => {
    expect(murmur3(Buffer.from(text))).toBe(expected)
  })
})

describe('sessionHash', () => {
  it('keeps site and user apart', () => {
    expect(sessionHash('a', 'bc')).not.toBe(sessionHash('ab', 'c'))
  })

  it('spreads visitors over all 32 bits', () => {
    const visitors = 50_000
    const hashes = Array.from({ length: visitors }, (_, user) =>
      sessionHash('example.com', user.toString(16).padStart(16, '0')),
    )
    // 50,000 in 2^32: 0.3 collisions are expected.
    expect(new Set(hashes).size).toBeGreaterThan(visitors - 5)
    for (let bit = 0; bit < 32; bit++) {
      const ones = hashes.filter((hash) => (hash >>> bit) & 1).length
      expect(Math.abs(ones / visitors - 0.5)).toBeLessThan(0.02)
    }
  })
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FingerprintSet } from './fingerprint-set.ts'

/** Some that meet in one slot, however large the set is. */
const anyFingerprint = fc.oneof(
  fc.integer({ min: 2, max: 2 ** 32 - 1 }),
  fc.integer({ min: 0, max: 40 }).map((high) => (high << 26) >>> 0),
)

it('holds what was added, and nothing else', () => {
  fc.assert(
    fc.property(
      fc.array(anyFingerprint, { maxLength: 300, size: 'max' }),
      fc.array(anyFingerprint),
      (added, others) => {
        const set = new FingerprintSet()
        const model = new Set<number>()
        for (const fingerprint of added) {
          set.add(fingerprint)
          model.add(fingerprint === 0 ? 1 : fingerprint)
        }
        expect(set.size).toBe(model.size)
        for (const fingerprint of added) expect(set.has(fingerprint)).toBe(true)
        for (const other of others) expect(set.has(other)).toBe(model.has(other === 0 ? 1 : other))
      },
    ),
  )
})

it('takes signed and unsigned 32 bits for the same', () => {
  const set = new FingerprintSet()
  set.add(-1)
  expect(set.has(2 ** 32 - 1)).toBe(true)
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TextCache } from './text-cache.ts'

const roomy = { entriesMax: 100, bytesMax: 1_000_000 }

describe('a text cache', () => {
  it('knows what was set last, and nothing that was never set', () => {
    const texts = fc.constantFrom('', 'a', 'b', 'ab', 'ü', 'a'.repeat(400), 'b'.repeat(3_000))
    const steps = fc.array(fc.tuple(texts, fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined })))
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 9_000 }),
        (all, entriesMax, bytesMax) => {
          const cache = new TextCache<{ value: number }>({ entriesMax, bytesMax })
          const set = new Map<string, number>()
          for (const [text, value] of all) {
            if (value === undefined) expect([undefined, set.get(text)]).toContain(cache.get(text)?.value)
            else {
              cache.set(text, { value })
              set.set(text, value)
            }
            expect(cache.entries).toBeLessThanOrEqual(Math.max(2, entriesMax))
            expect(cache.bytes).toBeLessThanOrEqual(bytesMax)
          }
        },
      ),
    )
  })

  it('keeps the half that was used last, by number', () => {
    const cache = new TextCache<string>({ ...roomy, entriesMax: 8 })
    for (const text of ['a', 'b', 'c', 'd', 'e', 'f']) cache.set(text, text)
    expect(cache.get('c')).toBe('c')
    for (const text of ['g', 'h', 'i']) cache.set(text, text)
    expect(['c', 'g', 'h', 'i'].map((text) => cache.get(text))).toEqual(['c', 'g', 'h', 'i'])
    expect(cache.get('a')).toBeUndefined()
  })

  it('counts what is found where that is large', () => {
    const cache = new TextCache<string>({ ...roomy, bytesMax: 10_000 })
    for (const text of ['a', 'b', 'c']) cache.set(text, text, 4_000)
    expect(['a', 'b', 'c'].map((text) => cache.get(text))).toEqual([undefined, 'b', 'c'])
    cache.set('d', 'd', 5_000)
    expect(cache.get('d')).toBeUndefined()
  })

  it('forgets all when it is cleared', () => {
    const cache = new TextCache<string>(roomy)
    cache.set('a', 'a')
    cache.clear()
    expect([cache.get('a'), cache.entries, cache.bytes]).toEqual([undefined, 0, 0])
  })
})

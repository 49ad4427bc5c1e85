import { describe, expect, it } from 'vitest'
import { ProducerSequences } from './producer-sequences.ts'

const at = (producerId: string, producerSequence: number, offset: number) => ({
  producerId,
  producerSequence,
  offset,
})

describe('ProducerSequences', () => {
  it('admits rising sequences, gaps included', () => {
    const sequences = new ProducerSequences()
    expect([1, 2, 7].map((sequence, offset) => sequences.admit(at('a', sequence, offset)))).toEqual([
      true,
      true,
      true,
    ])
  })

  it('refuses a batch that was sent again, whole or cut, however late it comes', () => {
    const sequences = new ProducerSequences()
    const written = [1, 2, 3, 1, 2, 3, 4, 2, 3, 5]
    const admitted = written.filter((sequence, offset) => sequences.admit(at('a', sequence, offset)))
    expect(admitted).toEqual([1, 2, 3, 4, 5])
  })

  it('tells producer instances apart', () => {
    const sequences = new ProducerSequences()
    expect(sequences.admit(at('a', 9, 0))).toBe(true)
    expect(sequences.admit(at('b', 1, 1))).toBe(true)
  })

  it('forgets the most silent instance beyond its limit, and no other', () => {
    const sequences = new ProducerSequences(2)
    sequences.admit(at('a', 1, 0))
    sequences.admit(at('b', 1, 1))
    sequences.admit(at('a', 2, 2))
    sequences.admit(at('c', 1, 3))
    expect(sequences.size).toBe(2)
    expect(sequences.admit(at('a', 2, 4))).toBe(false)
    expect(sequences.admit(at('c', 1, 5))).toBe(false)
  })
})

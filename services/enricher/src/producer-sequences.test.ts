import { describe, expect, it } from 'vitest'
import { ProducerSequences } from './producer-sequences.ts'

const from = (producerId: string, producerSequence: number) => ({ producerId, producerSequence })

describe('ProducerSequences', () => {
  it('admits rising sequences, gaps included', () => {
    const sequences = new ProducerSequences()
    expect([1, 2, 7].map((sequence) => sequences.admit(from('a', sequence)))).toEqual([true, true, true])
  })

  it('refuses a batch that was sent again, whole or cut, however late it comes', () => {
    const sequences = new ProducerSequences()
    const written = [1, 2, 3, 1, 2, 3, 4, 2, 3, 5]
    const admitted = written.filter((sequence) => sequences.admit(from('a', sequence)))
    expect(admitted).toEqual([1, 2, 3, 4, 5])
  })

  it('tells producer instances apart', () => {
    const sequences = new ProducerSequences()
    expect(sequences.admit(from('a', 9))).toBe(true)
    expect(sequences.admit(from('b', 1))).toBe(true)
  })

  it('forgets the most silent instance beyond its limit, and no other', () => {
    const sequences = new ProducerSequences(2)
    sequences.admit(from('a', 1))
    sequences.admit(from('b', 1))
    sequences.admit(from('a', 2))
    sequences.admit(from('c', 1))
    expect(sequences.size).toBe(2)
    expect(sequences.admit(from('a', 2))).toBe(false)
    expect(sequences.admit(from('c', 1))).toBe(false)
  })

  it('lists them by their last writing, a repeat included', () => {
    const sequences = new ProducerSequences()
    const written = [from('a', 1), from('b', 1), from('c', 1), from('a', 2), from('b', 1)]
    for (const place of written) sequences.admit(place)
    expect([...sequences.newestFirst()]).toEqual([from('b', 1), from('a', 2), from('c', 1)])
  })
})

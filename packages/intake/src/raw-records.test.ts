import { decodeRawEvent, topics } from '@millrace/events'
import { aRawEvent } from '@millrace/events/testing'
import { describe, expect, it } from 'vitest'
import { rawRecord, RawRecords, type UnsequencedEvent } from './raw-records.ts'

const anEvent = (changes: Partial<UnsequencedEvent> = {}): UnsequencedEvent => aRawEvent(changes)
const someRecords = () => new RawRecords({ producerId: 'p', partitionCount: 8 })

describe('RawRecords', () => {
  it('numbers the events of each partition from 1, in the order they are made in', () => {
    const records = someRecords()
    const made = Array.from({ length: 200 }, (_, index) =>
      records.make(anEvent({ ip: `10.0.0.${String(index)}` })),
    )
    const byPartition = new Map<number, number[]>()
    for (const { partition, value } of made) {
      const { producerId, producerSequence } = decodeRawEvent(value)
      expect(producerId).toBe('p')
      byPartition.set(partition, [...(byPartition.get(partition) ?? []), producerSequence])
    }
    expect(byPartition.size).toBe(8)
    for (const sequences of byPartition.values()) {
      expect(sequences).toEqual(sequences.map((_, index) => index + 1))
    }
  })

  it('keeps an anonymous visitor of a site in one partition, whatever the page', () => {
    const records = someRecords()
    const partitions = ['/', '/a', '/b'].map((pathname) => records.make(anEvent({ pathname })).partition)
    expect(new Set(partitions).size).toBe(1)
  })

  it('keeps a visitor with an id in one partition, whatever the address and browser', () => {
    const records = someRecords()
    const partitions = Array.from({ length: 20 }, (_, index) => {
      const visitor = { visitorId: 'v', ip: `10.0.0.${String(index)}`, userAgent: `browser ${String(index)}` }
      return records.make(anEvent(visitor)).partition
    })
    expect(new Set(partitions).size).toBe(1)
  })

  it.each([
    ['site', { site: 'other.example' }],
    ['address', { ip: '81.2.69.143' }],
    ['user agent', { userAgent: 'other' }],
  ])('tells visitors apart by %s', (_, changes) => {
    const records = someRecords()
    expect(records.make(anEvent(changes)).key).not.toEqual(records.make(anEvent()).key)
  })

  it('writes to the raw topic', () => {
    expect(someRecords().make(anEvent()).topic).toBe(topics.raw)
  })
})

describe('rawRecord', () => {
  it('is what a producer would have made, under the sequence that it is given', () => {
    for (const ip of ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4']) {
      const made = rawRecord(anEvent({ ip }), { producerId: 'p', producerSequence: 77, partitionCount: 8 })
      const produced = someRecords().make(anEvent({ ip }))
      expect({ ...made, value: undefined }).toEqual({ ...produced, value: undefined })
      expect(decodeRawEvent(made.value)).toEqual({ ...decodeRawEvent(produced.value), producerSequence: 77 })
    }
  })
})

import { describe, expect, it } from 'vitest'
import { decodeRawEvent, encodeRawEvent, topics } from '@millrace/events'
import { aRawEvent } from '@millrace/events/testing'
import { recordsOf } from './requeue.ts'

describe('recordsOf', () => {
  it('gives a letter back to its partition under an identity of its own, the same at every try', () => {
    const event = aRawEvent({ pathname: '/again', producerId: 'p', producerSequence: 9 })
    const letter = { partition: 3, offset: '17', record: encodeRawEvent(event).toString('base64') }
    const { records, taken, refused } = recordsOf([letter])
    expect(taken).toEqual([{ partition: 3, offset: 17 }])
    expect(refused).toEqual([])
    expect(records).toMatchObject([{ topic: topics.raw, partition: 3 }])
    expect(decodeRawEvent(records[0]?.value ?? Buffer.alloc(0))).toEqual({
      ...event,
      producerId: 'requeue-3-17',
      producerSequence: 1,
    })
    expect(recordsOf([letter]).records).toEqual(records)
  })

  it('leaves a letter that is still no raw event, with the reason', () => {
    const letter = { partition: 0, offset: 1, record: Buffer.from('{').toString('base64') }
    const { records, taken, refused } = recordsOf([letter])
    expect([records, taken]).toEqual([[], []])
    expect(refused[0]?.cause).toMatch(/not a raw event/)
  })
})

import { describe, expect, it } from 'vitest'
import { decodeRawEvent, encodeEnrichedRecord, encodeRawEvent, topics } from '@millrace/events'
import { aRawEvent, anEnrichedEvent } from '@millrace/events/testing'
import type { RecordPlace } from '@millrace/log'
import type { Letter } from './letter.ts'
import { resendOf } from './resend.ts'

const receivedAt = Date.UTC(2026, 10, 21, 12)
const event = aRawEvent({
  pathname: '/again',
  site: 'a.example',
  receivedAt,
  producerId: 'p',
  producerSequence: 9,
})
const enriched = anEnrichedEvent({ rawOffset: 41, site: 'a.example', receivedAt })

function aLetter(letter: { topic: string; record: Buffer }): Letter {
  const { topic, record } = letter
  return {
    failedAt: '1',
    cause: 'a fault',
    topic,
    partition: 3,
    offset: '17',
    record: record.toString('base64'),
  }
}

/** A log that retains one raw record. */
function aLog(value: Buffer | undefined) {
  const asked: RecordPlace[] = []
  return {
    asked,
    read: (place: RecordPlace) => {
      asked.push(place)
      const record = { offset: place.offset, key: null, appendedAt: receivedAt }
      return Promise.resolve(value === undefined ? undefined : { ...record, value })
    },
  }
}

describe('resendOf', () => {
  it('gives a letter of the enricher back to its partition under an identity of its own, the same at every try', async () => {
    const letter = aLetter({ topic: topics.raw, record: encodeRawEvent(event) })
    const resend = await resendOf(letter, aLog(undefined))
    if ('cause' in resend) throw new Error(resend.cause)
    expect(resend).toMatchObject({ topic: topics.raw, partition: 3, key: null })
    const expected = { ...event, producerId: 'requeue-3-17', producerSequence: 1 }
    expect(decodeRawEvent(resend.value)).toEqual(expected)
    expect(await resendOf(letter, aLog(undefined))).toEqual(resend)
  })

  it('finds the raw record of a letter of the sink, and sends that', async () => {
    const letter = aLetter({ topic: topics.enriched, record: encodeEnrichedRecord(enriched) })
    const log = aLog(encodeRawEvent(event))
    const resend = await resendOf(letter, log)
    if ('cause' in resend) throw new Error(resend.cause)
    expect(log.asked).toEqual([{ topic: topics.raw, partition: 3, offset: 41 }])
    expect(resend).toMatchObject({ topic: topics.raw, partition: 3, key: null })
    const expected = { ...event, producerId: 'requeue-3-41', producerSequence: 1 }
    expect(decodeRawEvent(resend.value)).toEqual(expected)
  })

  it('finds it also where the enriched record is a letter for not being one', async () => {
    const broken = { ...enriched, timestamp: 'soon', kind: 'no kind' }
    const letter = aLetter({ topic: topics.enriched, record: Buffer.from(JSON.stringify(broken)) })
    expect(await resendOf(letter, aLog(encodeRawEvent(event)))).toMatchObject({ topic: topics.raw })
  })

  const raw = encodeRawEvent(event)
  const another = encodeRawEvent({ ...event, site: 'b.example' })
  const later = encodeRawEvent({ ...event, receivedAt: receivedAt + 1 })
  const sinkLetter = encodeEnrichedRecord(enriched)
  it.each([
    { why: /not a raw event/, topic: topics.raw, record: Buffer.from('{'), retained: undefined },
    { why: /3-41, is no longer retained/, topic: topics.enriched, record: sinkLetter, retained: undefined },
    { why: /not a raw event/, topic: topics.enriched, record: sinkLetter, retained: Buffer.from('{') },
    { why: /3-41: the log was replaced/, topic: topics.enriched, record: sinkLetter, retained: another },
    { why: /3-41: the log was replaced/, topic: topics.enriched, record: sinkLetter, retained: later },
    { why: /no raw offset/, topic: topics.enriched, record: Buffer.from('{"rawOffset":-1}'), retained: raw },
    { why: /hold no event/, topic: topics.deadLetter, record: Buffer.from('garbage'), retained: raw },
  ])('says why a letter stays: $why', async ({ why, topic, record, retained }) => {
    const resend = await resendOf(aLetter({ topic, record }), aLog(retained))
    expect('cause' in resend ? resend.cause : resend).toMatch(why)
  })
})

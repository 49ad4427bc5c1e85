import { describe, expect, it } from 'vitest'
import { encodeEnrichedRecord } from './enriched-codec.ts'
import { enrichedTraceOf } from './enriched-trace.ts'
import { anEnrichedEvent } from './testing.ts'

const trace = { rawOffset: 41, site: 'a.example', receivedAt: Date.UTC(2026, 10, 21, 12) }
const event = anEnrichedEvent(trace)
const { protocol, hostname, pathname } = event
const drop = { kind: 'drop', reason: 'bot', protocol, hostname, pathname, userAgent: '', ...trace } as const
const values = JSON.parse(encodeEnrichedRecord(event).toString()) as unknown[]

describe('the trace of an enriched record', () => {
  it.each([
    ['an event', encodeEnrichedRecord(event)],
    ['a drop', encodeEnrichedRecord(drop)],
    ['an object', Buffer.from(JSON.stringify({ ...event, timestamp: 'soon', kind: 'no kind' }))],
    ['an array with a wrong value', Buffer.from(JSON.stringify(values.with(4, 'soon')))],
    ['an array of another format', Buffer.from(JSON.stringify(values.with(0, 2).with(1, 'no kind')))],
  ])('is found in %s', (_, record) => {
    expect(enrichedTraceOf(record)).toEqual(trace)
  })

  it.each(['garbage', '{"rawOffset":-1}', '[1,"event",-1,0,0,"plausible","a.example"]', '1'])(
    'is not found in %s',
    (text) => {
      expect(enrichedTraceOf(Buffer.from(text))).toBeUndefined()
    },
  )
})

import { decodeRawEvent } from '@millrace/events'
import { openFixedIntake } from '@millrace/intake'
import { describe, expect, it } from 'vitest'
import { ImportCounter, nothingCounted } from './import-counts.ts'
import type { SourceLine } from './import-lines.ts'
import { ImportReader, type LineResult } from './import-reader.ts'

const { intake } = await openFixedIntake({})
const reader = new ImportReader({
  intake,
  producerId: 'import-1',
  partitionCount: 4,
  limits: { lineBytesMax: 10_000, bodyBytesMax: 5_000, recordBytesMax: 1_500 },
  now: Date.UTC(2026, 10, 21),
})
const aBrowser =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

function aLine(body: object, changes: object = {}): SourceLine {
  const capture = {
    received_at: '2026-08-09T10:11:12.345Z',
    method: 'POST',
    path: '/api/event',
    headers: { 'user-agent': aBrowser },
    body: JSON.stringify({ n: 'pageview', u: 'https://a.example/x', d: 'a.example', ...body }),
    ip: '81.2.69.142',
    ...changes,
  }
  return lineOf(Buffer.from(JSON.stringify(capture)))
}
const lineOf = (bytes: Buffer | undefined): SourceLine => ({
  number: 3,
  start: 1_000,
  end: 1_001 + (bytes?.length ?? 0),
  bytes,
})
const rawEvents = (result: LineResult) =>
  result.kind === 'request' ? result.events.map(({ record }) => decodeRawEvent(record.value)) : []

describe('ImportReader', () => {
  it('makes the raw event that the producer would have made, at the time of its receipt', () => {
    expect(rawEvents(reader.read(aLine({})))).toEqual([
      expect.objectContaining({
        protocol: 'plausible',
        site: 'a.example',
        pathname: '/x',
        receivedAt: Date.UTC(2026, 7, 9, 10, 11, 12, 345),
        ip: '81.2.69.142',
        userAgent: aBrowser,
        producerId: 'import-1',
      }),
    ])
  })

  it('gives each event its place in the file as its sequence', () => {
    const events = rawEvents(reader.read(aLine({ d: 'a.example,b.example,c.example' })))
    expect(events.map(({ site, producerSequence }) => [site, producerSequence])).toEqual([
      ['a.example', 1_001],
      ['b.example', 1_002],
      ['c.example', 1_003],
    ])
  })

  it('believes forwarding headers from trusted proxies only', () => {
    const headers = { 'X-Forwarded-For': '203.0.113.7' }
    expect(rawEvents(reader.read(aLine({}, { headers })))[0]?.ip).toBe('81.2.69.142')
    expect(rawEvents(reader.read(aLine({}, { headers, ip: '10.0.0.1' })))[0]?.ip).toBe('203.0.113.7')
  })

  it('marks what a rule of the door drops, and counts it by reason', () => {
    const bot = aLine({}, { headers: { 'user-agent': 'curl/8.0' } })
    const counter = new ImportCounter(nothingCounted)
    counter.add(reader.read(bot))
    counter.add(reader.read(aLine({})))
    expect(rawEvents(reader.read(bot))[0]?.drop).toBe('bot')
    expect(counter.counts).toMatchObject({ lines: 2, requests: 2, events: 1, dropped: new Map([['bot', 1]]) })
  })

  it.each([
    ['that are too long', lineOf(undefined), 'line_too_long', /10000 bytes/],
    ['that are no request', lineOf(Buffer.from('{')), 'not_json', /JSON/],
    ['that the decoder refuses, with its answer', aLine({ n: undefined }), 'refused', /^400 .*blank/],
    [
      'with an event that is too large',
      aLine({ p: { long: 'x'.repeat(1_500) } }),
      'record_too_large',
      /1500 bytes/,
    ],
  ])('rejects lines %s', (_, line, cause, message) => {
    const result = reader.read(line)
    expect(result).toEqual({ kind: 'rejected', cause, message: expect.stringMatching(message) as string })
    const counter = new ImportCounter(nothingCounted)
    counter.add(result)
    expect(counter.counts.rejected).toEqual(new Map([[cause, 1]]))
  })

  it.each(['', ' \t\r'])('passes over the blank line %j', (text) => {
    expect(reader.read(lineOf(Buffer.from(text)))).toEqual({ kind: 'blank' })
  })
})

import { decodeEnrichedRecord, encodeEnrichedRecord } from '@millrace/events'
import { aRawEvent } from '@millrace/events/testing'
import { describe, expect, test } from 'vitest'
import { createEnricher, rulesVersion } from './enrich.ts'
import { userId } from './identity/user-id.ts'
import { fakeGeo } from './testing.ts'

const salt = Buffer.from('0123456789ABCDEF')
const previousSalt = Buffer.from('FEDCBA9876543210')
const context = { rawOffset: 42, salt, previousSalt }
const london = {
  country: 'GB',
  subdivision1: 'GB-ENG',
  cityGeonameId: 2643743,
  city: 'London',
  asn: 64500,
  asOrganization: 'Example Hosting',
}
const enrich = createEnricher({ geo: fakeGeo({ '81.2.69.142': london }) })

test('adds every fact to a page view', () => {
  const raw = aRawEvent({
    receivedAt: 1_795_262_400_999,
    hostname: 'www2.example.com',
    pathname: '/a',
    query: 'utm_campaign=c',
    title: 'T',
    referrer: 'https://www.google.com/',
    props: [['k', 'v']],
    revenue: { amount: '10.20', currency: 'USD' },
    clientEventId: 'nonce-1',
  })
  expect(enrich(raw, context)).toEqual({
    kind: 'event',
    rawOffset: 42,
    receivedAt: 1_795_262_400_999,
    timestamp: 1_795_262_400,
    protocol: 'plausible',
    site: 'example.com',
    name: 'pageview',
    userId: userId(salt, raw),
    previousUserId: userId(previousSalt, raw),
    visitorId: '',
    hostname: 'www2.example.com',
    pathname: '/a',
    title: 'T',
    referrer: 'google.com',
    source: 'Google',
    channel: 'Organic Search',
    utmSource: '',
    utmMedium: '',
    utmCampaign: 'c',
    utmContent: '',
    utmTerm: '',
    clickIdParam: '',
    country: 'GB',
    subdivision1: 'GB-ENG',
    subdivision2: '',
    cityGeonameId: 2643743,
    city: 'London',
    asn: 64500,
    browser: 'Chrome',
    browserVersion: '140.0',
    os: 'GNU/Linux',
    osVersion: '',
    device: 'Desktop',
    language: 'en',
    props: [['k', 'v']],
    scrollDepth: 0,
    engagementMs: 0,
    interactive: true,
    revenue: '10.20',
    currency: 'USD',
    isBot: false,
    botReason: '',
    ipClass: 'datacenter',
    clientEventId: 'nonce-1',
    enrichmentVersion: `fake rules=${rulesVersion}`,
  })
})

test('gives exactly what the enriched record holds, and no address', () => {
  const enriched = enrich(aRawEvent(), context)
  expect(decodeEnrichedRecord(encodeEnrichedRecord(enriched))).toEqual(enriched)
  expect(JSON.stringify(enriched)).not.toContain('81.2.69.142')
})

test('gives the same for the same record', () => {
  const again = createEnricher({ geo: fakeGeo({ '81.2.69.142': london }) })
  expect(again(aRawEvent(), context)).toEqual(enrich(aRawEvent(), context))
})

describe('identity', () => {
  test("yesterday's id is today's under yesterday's salt", () => {
    const today = enrich(aRawEvent(), context)
    const tomorrow = enrich(aRawEvent(), { rawOffset: 43, salt: Buffer.alloc(16, 7), previousSalt: salt })
    expect(tomorrow.previousUserId).toBe(today.userId)
    expect(tomorrow.userId).not.toBe(today.userId)
  })

  test('a visitor with an id has one id under all salts', () => {
    const first = enrich(aRawEvent({ visitorId: 'v1' }), context)
    const later = enrich(aRawEvent({ visitorId: 'v1', ip: '9.9.9.9' }), {
      ...context,
      salt: Buffer.alloc(16, 7),
    })
    expect(first).toMatchObject({ visitorId: 'v1', previousUserId: first.userId })
    expect(later.userId).toBe(first.userId)
  })

  test('an empty id is none', () => {
    expect(enrich(aRawEvent({ visitorId: '' }), context).userId).toBe(enrich(aRawEvent(), context).userId)
  })
})

describe('place', () => {
  test('an anonymised address is in A1, without region or city (5.2)', () => {
    expect(enrich(aRawEvent({ ipType: 'anonymous_vpn_ip' }), context)).toMatchObject({
      country: 'A1',
      subdivision1: '',
      subdivision2: '',
      cityGeonameId: 0,
      city: '',
      asn: 64500,
      ipClass: 'datacenter,vpn',
    })
  })

  test.each(['', '10.0.0.1', '203.0.113.9'])('the address %j is nowhere', (ip) => {
    expect(enrich(aRawEvent({ ip }), context)).toMatchObject({
      country: '',
      subdivision1: '',
      cityGeonameId: 0,
      city: '',
      asn: 0,
      ipClass: '',
    })
  })
})

test("a marked bot keeps the producer's reason", () => {
  expect(enrich(aRawEvent({ botReason: 'curl' }), context)).toMatchObject({ isBot: true, botReason: 'curl' })
})

test('an event without a user agent has empty device columns (5.4)', () => {
  expect(enrich(aRawEvent({ userAgent: '' }), context)).toMatchObject({ browser: '', os: '', device: '' })
})

test('what an event says of device and place comes before what its request tells', () => {
  const overrides = { country: 'Germany', city: 'Berlin', browser: 'Safari', device: 'Tablet' }
  expect(enrich(aRawEvent({ overrides }), context)).toMatchObject({
    country: 'DE',
    subdivision1: '',
    cityGeonameId: 0,
    city: 'Berlin',
    asn: 64500,
    browser: 'Safari',
    os: 'GNU/Linux',
    device: 'Tablet',
    overrides: [
      'country',
      'subdivision1',
      'subdivision2',
      'cityGeonameId',
      'city',
      'browser',
      'browserVersion',
      'device',
    ],
  })
})

import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { DecodedEvent } from '../decoded.ts'
import { aDecodeContext, aKameleoonRequest, onlyEvent } from '../testing.ts'
import { decodeKameleoon } from './decode.ts'

function decoded(parameters: Readonly<Record<string, unknown>>, keepsEmails = false): DecodedEvent {
  const event = { nonce: '5D4D929388819E2B', visitorCode: 'v', ...parameters }
  return onlyEvent(decodeKameleoon(aKameleoonRequest(event), aDecodeContext({ keepsEmails })))
}

const href = 'https://www.example.com:8443/a%20b/?utm_source=x&q=%C3%A9#top'

it('has the site, the visitor and the nonce', () => {
  expect(decoded({ eventType: 'ACTIVITY' })).toEqual({
    sites: ['example.com'],
    name: 'activity',
    hostname: '',
    pathname: '',
    query: '',
    title: '',
    referrer: '',
    props: [],
    interactive: false,
    scrollDepth: 0,
    engagementMs: 0,
    visitorId: 'v',
    clientEventId: '5D4D929388819E2B',
  })
})

describe('names', () => {
  it.each<[Record<string, unknown>, string, boolean]>([
    [{ eventType: 'PAGE', href }, 'pageview', true],
    [{ eventType: 'CONVERSION', goalId: 1 }, 'conversion', true],
    [{ eventType: 'CONVERSION', goalId: 1, negative: false }, 'conversion', true],
    [{ eventType: 'CONVERSION', goalId: 1, negative: true }, 'conversion', false],
    [{ eventType: 'STATICDATA' }, 'staticData', false],
    [{ eventType: 'TARGETINGSEGMENT', id: 1 }, 'targetingSegment', false],
    [{ eventType: 'EXPERIMENT', id: 1, variationId: 0 }, 'experiment', false],
    [{ eventType: 'PERSONALIZATION', id: 1, variationId: 0 }, 'personalization', false],
    [{ eventType: 'CUSTOMDATA', index: 0, valuesCountMap: {} }, 'customData', false],
    [{ eventType: 'PRODUCT', ean: '1' }, 'product', false],
    [{ eventType: 'GEOLOCATION' }, 'geolocation', false],
    [{ eventType: 'activity' }, 'activity', false],
    [
      {
        eventType: 'WEATHER',
        temperature: 1,
        humidity: 1,
        pressure: 1,
        windSpeed: 1,
        cloudiness: 1,
        sunriseTime: 1,
        sunsetTime: 1,
      },
      'weather',
      false,
    ],
  ])('%j is a %s, interactive: %s', (parameters, name, interactive) => {
    expect(decoded(parameters)).toMatchObject({ name, interactive })
  })
})

describe('a page', () => {
  it('has the parts of its URL, title and referrer in columns', () => {
    const event = decoded({
      eventType: 'PAGE',
      href,
      title: 'Crème',
      referrerHref: 'https://www.google.com/?q=a',
      canonicalHref: 'https://example.com/a',
      keyPageIndices: [1],
    })
    expect(event).toMatchObject({
      hostname: 'example.com',
      pathname: '/a b/',
      query: 'utm_source=x&q=%C3%A9',
      title: 'Crème',
      referrer: 'https://www.google.com/?q=a',
      props: [
        ['href', href],
        ['canonicalHref', 'https://example.com/a'],
        ['keyPageIndices', '[1]'],
        ['referrerHref', 'https://www.google.com/?q=a'],
      ],
    })
  })

  it.each<[string, unknown, string]>([
    ['missing', undefined, 'href: required'],
    ['empty', '', 'href: required'],
    ['a path', '/a', 'href: expected a complete URL'],
    ['a name', 'example.com/a', 'href: expected a complete URL'],
    ['data', 'data:text/html,x', 'href: expected a complete URL'],
    ['too long', `https://a/${'x'.repeat(2039)}`, 'href: longer than 2048 characters'],
    ['no text', 5, 'href: expected text'],
  ])('is refused when its href is %s', (_, given, cause) => {
    expect(decoded({ eventType: 'PAGE', href: given }).malformed?.cause).toBe(cause)
  })

  it.each<[string, string, string]>([
    ['https://a.example', 'a.example', '/'],
    ['app://home/start', 'home', '/start'],
    ['about:blank', '(none)', 'blank'],
    ['https://a/%20', 'a', '/'],
    ['https://a?%20', 'a', '/'],
    ['x:%20', '(none)', '/'],
    [`https://a/${'x'.repeat(2038)}`, 'a', `/${'x'.repeat(2038)}`],
    ['https://a/%E9%zz', 'a', '/\ufffd%zz'],
  ])('may be at %.40s', (given, hostname, pathname) => {
    expect(decoded({ eventType: 'PAGE', href: given })).toMatchObject({ hostname, pathname })
  })

  it.each([
    [256, undefined],
    [257, 'title: longer than 256 characters'],
  ])('may have a title of %i characters: %s', (length, cause) => {
    expect(decoded({ eventType: 'PAGE', href, title: 'é'.repeat(length) }).malformed?.cause).toBe(cause)
  })

  it('has its referrer cut, since the document sets no limit', () => {
    const { referrer } = decoded({ eventType: 'PAGE', href, referrerHref: `https://a/${'x'.repeat(3_000)}` })
    expect(referrer).toHaveLength(2_000)
  })
})

describe('a conversion', () => {
  it.each<[unknown, unknown, string | undefined]>([
    [24.99, undefined, '24.99'],
    [24.99, false, '24.99'],
    [24.99, true, '-24.99'],
    ['24.990', true, '-24.99'],
    [-5, true, '5'],
    [0, true, '0'],
    [1e-9, undefined, '0'],
    [0.00015, undefined, '0.0002'],
    [undefined, true, undefined],
    [1e20, undefined, undefined],
  ])('with revenue %j and negative %j has the amount %s', (revenue, negative, amount) => {
    const event = decoded({ eventType: 'CONVERSION', goalId: 1, revenue, negative })
    expect(event.revenue).toEqual(amount === undefined ? undefined : { amount, currency: '' })
    expect(event.malformed).toBeUndefined()
  })

  it('keeps its revenue as it was sent', () => {
    const { props } = decoded({ eventType: 'CONVERSION', goalId: 1, revenue: '24.990', negative: 'true' })
    expect(props).toEqual([
      ['goalId', '1'],
      ['revenue', '24.990'],
      ['negative', 'true'],
    ])
  })
})

describe('overrides', () => {
  it.each<[Record<string, unknown>, unknown]>([
    [{}, {}],
    [
      {
        browser: 'CHROME',
        browserVersion: 153,
        os: 'WINDOWS',
        deviceType: 'DESKTOP',
        localeLanguageTag: 'fr',
      },
      { browser: 'CHROME', browserVersion: '153', os: 'WINDOWS', device: 'Desktop', language: 'fr' },
    ],
    [{ deviceType: 'PHONE' }, { device: 'Mobile' }],
    [{ deviceType: 'tablet' }, { device: 'Tablet' }],
    [{ browser: 'OTHER', os: 'other', browserVersion: 1.5 }, { browserVersion: '1.5' }],
  ])('of static data %j are %j', (parameters, overrides) => {
    expect(decoded({ eventType: 'STATICDATA', ...parameters }).overrides).toEqual(overrides)
  })

  it('of a geolocation are country, region and city', () => {
    const place = { country: 'France', region: 'Île-de-France', city: 'Paris' }
    const event = decoded({ eventType: 'GEOLOCATION', ...place, postalCode: '75008', latitude: 48.8738 })
    expect(event.overrides).toEqual(place)
    expect(Object.fromEntries(event.props)).toEqual({ ...place, postalCode: '75008', latitude: '48.8738' })
  })

  it('are nothing of other events', () => {
    expect(decoded({ eventType: 'PRODUCT', ean: '1' })).not.toHaveProperty('overrides')
  })
})

describe('emails', () => {
  const hash = createHash('sha256').update('ann@example.com').digest('hex')
  const custom = { eventType: 'CUSTOMDATA', index: 0, valuesCountMap: { ' Ann@Example.com': 1, premium: 2 } }
  const goal = { eventType: 'CONVERSION', goalId: 1, metadata: { 0: ['ann@example.com', 'x'] } }

  it.each<[Record<string, unknown>, string, unknown]>([
    [custom, 'valuesCountMap', { [hash]: 1, premium: 2 }],
    [{ ...custom, mappingIdentifier: true }, 'valuesCountMap', { [hash]: 1, premium: 2 }],
    [
      { ...custom, valuesCountMap: { 'ann@example.com': 1, 'ANN@example.com': 2 } },
      'valuesCountMap',
      { [hash]: 3 },
    ],
    [goal, 'metadata', { 0: [hash, 'x'] }],
  ])('among the values of %j are kept as their hash', (event, name, expected) => {
    const { props } = decoded(event)
    expect(JSON.parse(Object.fromEntries(props)[name]!)).toEqual(expected)
  })

  it('are concealed in the parts of a page', () => {
    const event = decoded({
      eventType: 'PAGE',
      href: 'https://ann@example.com/u/ann@example.com?to=Ann%40Example.com',
      title: 'Mail to ann@example.com',
      referrerHref: 'https://a.example/?m=ann%40example.com',
    })
    expect(JSON.stringify(event)).not.toMatch(/ann(?:@|%40)/i)
    expect(event).toMatchObject({
      hostname: 'example.com',
      pathname: `/u/${hash}`,
      query: `to=${hash}`,
      title: `Mail to ${hash}`,
      referrer: `https://a.example/?m=${hash}`,
    })
  })

  it('are concealed in names of places', () => {
    const event = decoded({ eventType: 'GEOLOCATION', city: 'ann@example.com' })
    expect(event).toMatchObject({ overrides: { city: hash }, props: [['city', hash]] })
  })

  it('are kept as they are where the site asks for it', () => {
    expect(Object.fromEntries(decoded(custom, true).props).valuesCountMap).toContain('Ann@Example.com')
    expect(Object.fromEntries(decoded(goal, true).props).metadata).toContain('ann@example.com')
  })

  it('leaves names that JavaScript knows as they are', () => {
    const event = `{"nonce":"5D4D929388819E2B","visitorCode":"v","eventType":"CUSTOMDATA","index":0,"valuesCountMap":{"__proto__":1,"a@b":2}}`
    const { props } = onlyEvent(decodeKameleoon(aKameleoonRequest(event), aDecodeContext()))
    expect(Object.fromEntries(props).valuesCountMap).toMatch(/^\{"__proto__":1,"[\da-f]{64}":2\}$/)
  })
})

it('refuses an event that a record of the log would have no room for, and keeps its neighbours', () => {
  const values = Array<string>(256).fill('x'.repeat(2048))
  const conversion = { nonce: '5D4D929388819E2B', visitorCode: 'v', eventType: 'CONVERSION', goalId: 1 }
  const body = [conversion, { ...conversion, metadata: { 0: values } }, conversion]
  const result = decodeKameleoon(aKameleoonRequest(body), aDecodeContext())
  const causes = result.ok ? result.events.map(({ malformed }) => malformed?.cause) : []
  expect(causes).toEqual([undefined, 'event: too long', undefined])
  const line = `eventType=PAGE&title=${'x'.repeat(500_000)}`
  expect(onlyEvent(decodeKameleoon(aKameleoonRequest([line]), aDecodeContext())).malformed?.cause).toBe(
    'event: too long',
  )
})

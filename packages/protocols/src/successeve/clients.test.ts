import { describe, expect, it } from 'vitest'
import type { Decoded, DecodedEvent } from '../decoded.ts'
import { aDecodeContext, aWireRequest, onlyEvent } from '../testing.ts'
import type { WireRequest } from '../wire-request.ts'
import { successEveDecoder, type SuccessEveRoute } from './decode.ts'

const decode = (route: SuccessEveRoute, request: WireRequest) =>
  successEveDecoder(route)(request, aDecodeContext())

const json = (body: unknown, options: { query?: string; authorization?: string; type?: string } = {}) => ({
  ...aWireRequest(body, {
    contentType: options.type ?? 'application/json',
    headers: options.authorization === undefined ? {} : { authorization: options.authorization },
  }),
  query: options.query ?? '',
})
const get = (query: Readonly<Record<string, string>>): WireRequest => ({
  method: 'GET',
  query: new URLSearchParams(query).toString(),
  headers: { 'content-type': 'application/json' },
  body: Buffer.alloc(0),
})
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
const multipart = (fields: Readonly<Record<string, string>>): WireRequest => {
  const boundary = '------------------------d74496d66958873e' // as libcurl writes it
  const parts = Object.entries(fields).map(
    ([name, text]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`,
  )
  return aWireRequest(`${parts.join('')}--${boundary}--\r\n`, {
    contentType: `multipart/form-data; boundary=${boundary}`,
  })
}

/** What each family sends for one event, as its source or a capture shows it. */
const registration = {
  contact_uid: '123456',
  event_uid: 'user_registration',
  params: { account_uid: '78910', display_name: 'Registration' },
}
const registered: Partial<DecodedEvent> = {
  sites: ['example.com'],
  name: 'user_registration',
  visitorId: '123456',
  interactive: true,
  hostname: '',
  pathname: '',
  props: [
    ['account_uid', '78910'],
    ['display_name', 'Registration'],
  ],
}

describe('the examples of the document, as they stand', () => {
  const event =
    '{\n"contact_uid": "123456", \n"event_uid": "user_registration", \n"params": {"account_uid": "78910", "display_name": "Registration"}\n }'
  // The document has one opening brace more than closing ones.
  const pageview =
    '{"contact_uid": "123456", "event_uid": "pageview", "params": {"account_uid": "78910", "visit_url": "http://myproduct.com/onboarding" }'

  it.each(['application/json', 'application/x-www-form-urlencoded', '', 'text/plain'])(
    'an event, called %j',
    (type) => {
      const decoded = decode('event', json(event, { query: 'api_token=t0ken', type }))
      expect(onlyEvent(decoded)).toMatchObject(registered)
      expect(decoded.ok && decoded.accepted({ dropped: 0, places: [], isNewSubscriber: false })).toEqual({
        status: 200,
        contentType: 'application/json; charset=utf-8',
        body: '{"status":"success"}',
      })
    },
  )

  it.each(['application/json', 'application/x-www-form-urlencoded'])('a page view, called %j', (type) => {
    expect(
      onlyEvent(decode('event', json(pageview, { authorization: basic('t0ken:'), type }))),
    ).toMatchObject({
      name: 'pageview',
      visitorId: '123456',
      hostname: 'myproduct.com',
      pathname: '/onboarding',
      interactive: true,
      props: [['account_uid', '78910']],
    })
  })

  it.each([
    ['a value that may be cut short', '{"contact_uid":"1","event_uid":"a","params":{"n":12'],
    ['two braces', '{"contact_uid":"1","event_uid":"a","params":{"n":{"m":1}'],
    ['a bracket', '[{"contact_uid":"1","event_uid":"a"}'],
    ['a quote', '{"contact_uid":"1","event_uid":"a","params":{"n":"}'],
  ])('refuses a body that lacks its end after %s', (_, body) => {
    expect(decode('event', json(body, { query: 'api_token=t0ken' }))).toMatchObject({
      ok: false,
      status: 400,
    })
  })
})

describe('the Node client 1.0.3', () => {
  const query = { api_token: 't0ken', encode: 'base64', _method: 'post' }
  it.each<[string, SuccessEveRoute, object, Partial<DecodedEvent>]>([
    ['an event', 'event', registration, registered],
    [
      'a page view, with the visitor it was made for',
      'event',
      {
        contact_uid: 7,
        event_uid: 'pageview',
        params: {
          account_uid: 9,
          visit_url: 'https://www.myproduct.com/a?utm_source=x',
          visit_ip: '81.2.69.142',
          visit_agent: 'Mozilla/5.0 (X11) Firefox/140.0',
        },
      },
      {
        name: 'pageview',
        visitorId: '7',
        hostname: 'myproduct.com',
        pathname: '/a',
        query: 'utm_source=x',
        userAgent: 'Mozilla/5.0 (X11) Firefox/140.0',
        props: [['account_uid', '9']],
      },
    ],
    [
      'a contact',
      'contact',
      { contact_uid: '123456', params: { plan: 'pro' } },
      { name: 'contact', visitorId: '123456', interactive: false, props: [['plan', 'pro']] },
    ],
    [
      'an account',
      'account',
      { account_uid: '78910', params: { seats: 12 } },
      {
        name: 'account',
        visitorId: 'account:78910',
        interactive: false,
        props: [
          ['account_uid', '78910'],
          ['seats', '12'],
        ],
      },
    ],
  ])('sends %s by GET in base64', (_, route, sent, expected) => {
    expect(onlyEvent(decode(route, get({ ...query, data: base64(sent) })))).toMatchObject(expected)
  })

  it('pings by GET', () => {
    const ping = get({ api_token: 't0ken', encode: 'base64', _method: 'get' })
    expect(decode('ping', ping)).toMatchObject({ ok: true, events: [] })
  })
})

describe('other clients', () => {
  it('the second Node client: JSON with the token as user name', () => {
    expect(onlyEvent(decode('event', json(registration, { authorization: basic('t0ken:') })))).toMatchObject(
      registered,
    )
  })

  it('Python: a JSON array with key and secret', () => {
    const batch = [
      { method: 'event', ...registration },
      { method: 'contact', contact_uid: '123456', params: { plan: 'pro' } },
      { method: 'account', account_uid: '78910', params: {} },
    ]
    const decoded = decode('batch', json(batch, { authorization: basic('t0ken:s3cret') }))
    expect(events(decoded).map(({ name, visitorId }) => [name, visitorId])).toEqual([
      ['user_registration', '123456'],
      ['contact', '123456'],
      ['account', 'account:78910'],
    ])
  })

  it('Ruby: `event`, its time, and an id that it repeats', () => {
    const call = {
      contact_uid: '123456',
      created_at: '2026-11-21T13:00:00.250+01:00',
      messageId: '0b2c7d6e-8a41-4c1f-9d53-2f6f0c7e4a10',
    }
    const batch = [
      { event: 'user_registration', params: { plan: 'pro' }, ...call, method: 'event' },
      { event: 'pageview', params: null, ...call, method: 'event' },
      { event: 'welcome', params: {}, ...call, method: 'email' },
    ]
    const decoded = decode('batch', json(batch, { authorization: basic('t0ken:t0ken') }))
    const shared = {
      visitorId: '123456',
      occurredAt: Date.UTC(2026, 10, 21, 12, 0, 0, 250),
      clientEventId: call.messageId,
    }
    expect(events(decoded)).toMatchObject([
      {
        ...shared,
        name: 'user_registration',
        interactive: true,
        props: [
          ['created_at', call.created_at],
          ['plan', 'pro'],
        ],
      },
      { ...shared, name: 'pageview', interactive: true, hostname: '', pathname: '' },
      {
        ...shared,
        name: 'email',
        interactive: false,
        props: [
          ['created_at', call.created_at],
          ['event_uid', 'welcome'],
        ],
      },
    ])
  })

  it('the older Ruby: a form with base64 that it quoted, and a time in seconds', () => {
    const sent = { contact_uid: '1', event_uid: 'a', created_at: 1_795_262_400, params: {} }
    const form = new URLSearchParams({
      api_token: 't0ken',
      encode: 'base64',
      data: JSON.stringify(base64(sent)),
    })
    const request = json(form.toString(), {
      authorization: basic('t0ken:s3cret'),
      type: 'application/x-www-form-urlencoded',
    })
    expect(onlyEvent(decode('event', request))).toMatchObject({
      name: 'a',
      visitorId: '1',
      occurredAt: 1_795_262_400_000,
    })
  })

  it('PHP 1.0: an array with token and secret in the URL, and empty objects as lists', () => {
    const batch = [
      { contact_uid: '1', params: [], method: 'contact' },
      { contact_uid: '1', event_uid: 'pageview', params: ['/dashboard'], method: 'event' },
    ]
    expect(events(decode('batch', json(batch, { authorization: basic('t0ken:s3cret') })))).toMatchObject([
      { name: 'contact', visitorId: '1', props: [] },
      { name: 'pageview', visitorId: '1', pathname: '/dashboard', props: [] },
    ])
  })

  it('the oldest PHP: multipart with the old names', () => {
    const envelope = { api_token: 't0ken', encode: 'none' }
    const old = { unique_id: 'u-1', created_at: 1_795_262_400 }
    const sent = (route: SuccessEveRoute, data: object) =>
      onlyEvent(decode(route, multipart({ ...envelope, data: JSON.stringify({ ...old, ...data }) })))
    const params = {
      location: 'https://myproduct.com/start',
      user_ip: '81.2.69.142',
      user_agent: 'Mozilla/5.0 (X11) Firefox/140.0',
    }
    expect(sent('pageview', { event: 'pageview', params })).toMatchObject({
      name: 'pageview',
      visitorId: 'u-1',
      occurredAt: 1_795_262_400_000,
      hostname: 'myproduct.com',
      pathname: '/start',
      userAgent: 'Mozilla/5.0 (X11) Firefox/140.0',
      props: [['created_at', '1795262400']],
    })
    expect(sent('event', { event: 'Order', params: { total: 20 } })).toMatchObject({
      name: 'Order',
      visitorId: 'u-1',
    })
    expect(sent('contact', { params: { plan: 'pro' } })).toMatchObject({ name: 'contact', visitorId: 'u-1' })
    expect(sent('account', { params: [] })).toMatchObject({ name: 'account', visitorId: 'account:u-1' })
    expect(sent('element', { params: { dataset: 'order' } })).toMatchObject({
      name: 'element',
      visitorId: 'element:u-1',
      interactive: false,
    })
  })
})

function events(decoded: Decoded): readonly DecodedEvent[] {
  if (!decoded.ok) throw new Error(`refused: ${decoded.body}`)
  return decoded.events
}

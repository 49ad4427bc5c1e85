import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { onlyEvent } from '../testing.ts'
import type { SuccessEveRoute } from './decode.ts'
import { propNameBytesMax, propsMax, propValueBytesMax } from './props.ts'
import { event, refused, send, type Sent, anEvent } from './test-calls.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

const propsOf = (params: unknown, sent: Sent = {}) => Object.fromEntries(event({ params }, sent).props)
const form = 'application/x-www-form-urlencoded'

describe('required fields', () => {
  const number = 'must be text, or a whole number below 2^53'
  it.each<[SuccessEveRoute, object, string, string]>([
    ['event', { event_uid: 'a' }, 'contact_uid', 'is required'],
    ['event', { contact_uid: ' ', event_uid: 'a' }, 'contact_uid', 'is required'],
    ['event', { contact_uid: null, event_uid: 'a' }, 'contact_uid', 'is required'],
    ['event', { contact_uid: 1.5, event_uid: 'a' }, 'contact_uid', number],
    ['event', { contact_uid: 2 ** 53, event_uid: 'a' }, 'contact_uid', number],
    ['event', { contact_uid: ['1'], event_uid: 'a' }, 'contact_uid', number],
    ['event', { contact_uid: false, event_uid: 'a' }, 'contact_uid', number],
    [
      'event',
      { contact_uid: 'x'.repeat(301), event_uid: 'a' },
      'contact_uid',
      'must have at most 300 characters',
    ],
    ['event', { contact_uid: '1' }, 'event_uid', 'is required'],
    ['event', { contact_uid: '1', event_uid: '' }, 'event_uid', 'is required'],
    ['event', { contact_uid: '1', event_uid: {} }, 'event_uid', number],
    [
      'event',
      { contact_uid: '1', event_uid: 'x'.repeat(121) },
      'event_uid',
      'must have at most 120 characters',
    ],
    ['event', { contact_uid: '1', event_uid: 'a', params: 'x' }, 'params', 'must be an object'],
    ['event', { contact_uid: '1', event_uid: 'a', params: 1 }, 'params', 'must be an object'],
    ['pageview', {}, 'contact_uid', 'is required'],
    ['contact', { params: {} }, 'contact_uid', 'is required'],
    ['account', { params: {} }, 'account_uid', 'is required'],
    ['account', { account_uid: [] }, 'account_uid', number],
    ['account', { account_uid: '1', contact_uid: {} }, 'contact_uid', number],
    ['element', { contact_uid: '1' }, 'unique_id', 'is required'],
  ])('%s of %j: %s %s', (route, body, field, reason) => {
    expect(refused(body, { route })).toMatchObject({ status: 400, field, error: `${field} ${reason}` })
  })

  it.each([
    ['a number', { contact_uid: 123 }, { visitorId: '123' }],
    ['zero', { contact_uid: 0 }, { visitorId: '0' }],
    ['300 characters', { contact_uid: 'x'.repeat(300) }, { visitorId: 'x'.repeat(300) }],
    ['the old name', { contact_uid: undefined, unique_id: 'u' }, { visitorId: 'u' }],
    ['both names: the new one', { unique_id: 'u' }, { visitorId: '1' }],
    ['an empty new name', { contact_uid: '', unique_id: 'u' }, { visitorId: 'u' }],
    ['an event as `event`', { event_uid: undefined, event: 'b' }, { name: 'b' }],
    ['an event as `name`', { event_uid: undefined, name: 'c' }, { name: 'c' }],
    ['an event called by a number', { event_uid: 404 }, { name: '404' }],
    ['an event of 120 characters', { event_uid: 'ü'.repeat(120) }, { name: 'ü'.repeat(120) }],
  ])('take %s', (_, changes, expected) => {
    expect(event(changes)).toMatchObject(expected)
  })
})

describe('a page view', () => {
  const page = { visit_url: 'https://www.myproduct.com:8443/caf%C3%A9/?utm_source=x#top' }
  const visited = { name: 'pageview', hostname: 'myproduct.com', pathname: '/café/', query: 'utm_source=x' }
  it.each<[string, SuccessEveRoute, object]>([
    ['called so', 'event', { event_uid: 'pageview', params: page }],
    ['by its route', 'pageview', { event_uid: undefined, params: page }],
    ['by its route, whatever it is called', 'pageview', { event_uid: 'x', params: page }],
    ['by its URL alone', 'event', { event_uid: undefined, params: page }],
    ['with the URL as location', 'event', { event_uid: 'pageview', params: { location: page.visit_url } }],
    ['with the URL alone in a list', 'event', { event_uid: 'pageview', params: [page.visit_url] }],
    ['with params as JSON text', 'event', { event_uid: 'pageview', params: JSON.stringify(page) }],
  ])('is one %s', (_, route, changes) => {
    expect(event(changes, { route })).toMatchObject({ ...visited, interactive: true, props: [] })
  })

  it('has title and referrer as columns, cut to their limits', () => {
    const params = {
      ...page,
      page_title: 'x'.repeat(2_001),
      referrer: `https://a.example/${'é'.repeat(2_000)}`,
    }
    const { title, referrer, props } = event({ event_uid: 'pageview', params })
    expect(title).toBe('x'.repeat(2_000))
    expect([Buffer.byteLength(referrer), referrer.at(-1)]).toEqual([2_000, 'é'])
    expect(props).toEqual([])
    expect(event({ event_uid: 'pageview', params: { title: 'T' } }).title).toBe('T')
  })

  it('is taken without a URL', () => {
    expect(event({ event_uid: 'pageview' })).toMatchObject({ name: 'pageview', hostname: '', pathname: '' })
  })

  it.each([['data:text/html,x'], [7], ['https://a.example/'.padEnd(8_001, 'x')], [{}]])(
    'is refused with a URL that is none: %j',
    (visit_url) => {
      expect(refused({ ...anEvent, event_uid: 'pageview', params: { visit_url } })).toMatchObject({
        status: 400,
        field: 'params.visit_url',
      })
    },
  )

  it('lends its page to other events that name one', () => {
    const params = { ...page, title: 'Dr', n: 1 }
    expect(event({ params })).toMatchObject({
      ...visited,
      name: 'a',
      title: '',
      props: [
        ['n', '1'],
        ['title', 'Dr'],
      ],
    })
    expect(event({ params: { visit_url: 'data:,' } })).toMatchObject({
      hostname: '',
      pathname: '',
      props: [['visit_url', 'data:,']],
    })
  })
})

describe('contacts and accounts', () => {
  it.each<[string, SuccessEveRoute, object, object]>([
    ['a contact', 'contact', { contact_uid: 'c' }, { name: 'contact', visitorId: 'c' }],
    ['an account', 'account', { account_uid: 'a' }, { name: 'account', visitorId: 'account:a' }],
    [
      'an account by its old name',
      'account',
      { unique_id: 'a' },
      { name: 'account', visitorId: 'account:a' },
    ],
    ['an account by its params', 'account', { params: { account_uid: 'a' } }, { visitorId: 'account:a' }],
    ['an account that a contact sets', 'account', { account_uid: 'a', contact_uid: 'c' }, { visitorId: 'c' }],
    ['an element', 'element', { unique_id: 'e' }, { name: 'element', visitorId: 'element:e' }],
  ])('%s is no visit and not interactive', (_, route, body, expected) => {
    expect(onlyEvent(send(body, { route }))).toMatchObject({
      ...expected,
      interactive: false,
      hostname: '',
      pathname: '',
    })
  })

  it('keep the ids of accounts and elements as properties', () => {
    const props = (route: SuccessEveRoute, body: object) => onlyEvent(send(body, { route })).props
    expect(props('account', { account_uid: 7, params: { account_uid: 8 } })).toEqual([['account_uid', '7']])
    expect(props('element', { unique_id: 7 })).toEqual([['unique_id', '7']])
  })
})

describe('params', () => {
  it('are properties under their own names, ascending', () => {
    const params = {
      z: 'text',
      b: true,
      n: 1.5,
      o: { x: [1, null] },
      l: ['a', 2],
      none: null,
      empty: '',
      revenue: 9,
      amount: '1',
    }
    expect(event({ params }).props).toEqual([
      ['amount', '1'],
      ['b', 'true'],
      ['l', '["a",2]'],
      ['n', '1.5'],
      ['o', '{"x":[1,null]}'],
      ['revenue', '9'],
      ['z', 'text'],
    ])
    expect(event({ params }).revenue).toBeUndefined()
  })

  it('may stand beside for account and display name', () => {
    expect(event({ account_uid: 1, display_name: 'D', other: 'x' }).props).toEqual([
      ['account_uid', '1'],
      ['display_name', 'D'],
    ])
    expect(propsOf({ account_uid: 2, display_name: 'E' }, {})).toEqual({
      account_uid: '2',
      display_name: 'E',
    })
  })

  it('have limits', () => {
    const many = Object.fromEntries(
      Array.from({ length: propsMax + 50 }, (_, index) => [`p${String(index)}`, index]),
    )
    expect(event({ params: many, account_uid: 'kept' }).props).toHaveLength(propsMax)
    expect(propsOf(many, {})).toMatchObject({ p0: '0', p99: '99' })
    expect(Object.keys(propsOf({ ['n'.repeat(propNameBytesMax + 1)]: 1, ' ': 1, ok: 1 }))).toEqual(['ok'])
    expect(propsOf({ long: 'é'.repeat(propValueBytesMax) }).long).toBe('é'.repeat(propValueBytesMax / 2))
    expect(propsOf({ list: ['x'.repeat(propValueBytesMax)] })).toEqual({})
    let deep: unknown = 1
    for (let depth = 0; depth < 33; depth++) deep = [deep]
    expect(propsOf({ deep, ok: [1] })).toEqual({ ok: '[1]' })
  })

  it('stay far below a record of the log, whatever they escape to', () => {
    const params = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`p${String(index)}`, '\u0001'.repeat(2_000)]),
    )
    expect(JSON.stringify(event({ params })).length).toBeLessThan(150_000)
  })

  it('have no addresses and no user agents', () => {
    const params = {
      visit_ip: '1.2.3.4',
      user_ip: '::1',
      ip: '1.2.3.4',
      ip_address: 'x',
      visit_agent: browser,
      version: '1.2.3.4',
    }
    expect(event({ params })).toMatchObject({ props: [['version', '1.2.3.4']], userAgent: browser })
  })

  it('have emails as their hash, wherever they stand, unless the site keeps them', () => {
    const jane = sha256('jane@example.com')
    const params = {
      email: ' Jane@Example.com ',
      o: { to: ['jane@example.com'] },
      'jane@example.com': 1,
      url: 'https://a.example/@b',
    }
    expect(propsOf(params)).toEqual({
      email: jane,
      o: `{"to":["${jane}"]}`,
      [jane]: '1',
      url: 'https://a.example/@b',
    })
    expect(propsOf(params, { site: { keepsEmails: true } })).toMatchObject({
      email: ' Jane@Example.com ',
      o: '{"to":["jane@example.com"]}',
    })
    const sent = [{ method: 'x', contact_uid: 'jane@example.com', params }]
    expect(JSON.stringify(send(sent, { route: 'batch' })).toLowerCase()).not.toContain('jane@')
    const page = { visit_url: 'https://a.example/u/jane@example.com', title: 'jane@example.com' }
    expect(event({ event_uid: 'pageview', params: page })).toMatchObject({
      pathname: `/u/${jane}`,
      title: jane,
    })
  })

  it('reach no prototype', () => {
    const hostile =
      '{"contact_uid":"1","event_uid":"a","__proto__":{"x":1},"params":{"__proto__":{"y":1},"constructor":"c","o":{"__proto__":{"a@b.example":1}}}}'
    expect(Object.fromEntries(onlyEvent(send(hostile)).props)).toMatchObject({ constructor: 'c' })
    expect(
      onlyEvent(send('contact_uid=1&event_uid=a&params[__proto__]=x&__proto__[z]=1', { type: form })).props,
    ).toEqual([['__proto__', 'x']])
    expect([
      ({} as Record<string, unknown>).x,
      ({} as Record<string, unknown>).y,
      ({} as Record<string, unknown>).z,
    ]).toEqual([undefined, undefined, undefined])
    expect(refused('{"event_uid":"a","__proto__":{"contact_uid":"1"}}').field).toBe('contact_uid')
  })

  it('hold no lone surrogates, and NUL as it is', () => {
    const text = '{"contact_uid":"a\\ud800","event_uid":"\\udc00","params":{"p":"\\ud83d\\u0000"}}'
    expect(onlyEvent(send(text))).toMatchObject({
      visitorId: 'a\ufffd',
      name: '\ufffd',
      props: [['p', '\ufffd\u0000']],
    })
  })
})

describe('time and repeats', () => {
  it('has the time of the client, and keeps it as sent', () => {
    expect(event({ created_at: 1_795_262_400 })).toMatchObject({
      occurredAt: 1_795_262_400_000,
      props: [['created_at', '1795262400']],
    })
    expect(event({ created_at: 'yesterday' })).toMatchObject({ props: [['created_at', 'yesterday']] })
    expect(event({ created_at: 'yesterday' }).occurredAt).toBeUndefined()
    expect(event({ created_at: 1_795_262_400, params: { created_at: '2020-01-01' } })).toMatchObject({
      occurredAt: 1_795_262_400_000,
      props: [['created_at', '2020-01-01']],
    })
  })

  it('has an id that is repeated: its own before that of the request', () => {
    const headers = { 'idempotency-key': 'k' }
    expect(event({}, { headers }).clientEventId).toBe('k')
    expect(event({ messageId: 'm' }, { headers }).clientEventId).toBe('m')
    expect(event({ messageId: 'm\n' }, { headers }).clientEventId).toBe('k')
    expect(event({ messageId: 7 }).clientEventId).toBeUndefined()
  })
})

describe('the user agent', () => {
  it.each([
    ['curl/8.5.0', ''],
    ['Faraday v2.7', ''],
    ['', ''],
    [browser, undefined],
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', undefined],
  ])('%j of the request', (userAgent, expected) => {
    expect(event({}, { headers: { 'user-agent': userAgent } }).userAgent).toBe(expected)
  })
})

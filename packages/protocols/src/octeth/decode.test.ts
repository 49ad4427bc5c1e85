import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { AcceptedOutcome, Decoded } from '../decoded.ts'
import { aDecodeContext, onlyEvent } from '../testing.ts'
import { octethBodyBytesMax } from './body.ts'
import { eventNameGraphemesMax } from './event-name.ts'
import { aBody, aConversion, decode, email, errorOf } from './test-calls.ts'

const hash = createHash('sha256').update(email).digest('hex')

const eventOf = (changes: Readonly<Record<string, unknown>>, context = aDecodeContext()) =>
  onlyEvent(decode(aBody(changes), {}, context))
const propOf = (changes: Readonly<Record<string, unknown>>, name: string) =>
  new Map(eventOf(changes).props).get(name)
const answerOf = (decoded: Decoded, outcome: Partial<AcceptedOutcome> = {}) => {
  if (!decoded.ok) throw new Error(`refused: ${decoded.body}`)
  const given = { dropped: 0, places: [{ partition: 3, offset: 1_200_456 }], isNewSubscriber: false }
  const { status, body } = decoded.accepted({ ...given, ...outcome })
  expect(status).toBe(200)
  return JSON.parse(body) as Record<string, unknown>
}

describe('the body of an Octeth call', () => {
  it.each([
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/mixed',
    'nonsense',
    undefined,
  ])('is JSON under the type %s', (contentType) => {
    expect(decode(aBody(), { contentType }).ok).toBe(true)
  })

  it.each<[string, string, string]>([
    [
      'a form',
      'application/x-www-form-urlencoded',
      'APIKey=k&ListID=94&event=test&Email=2006%40test.com&Properties[plan]=p%20r+o&Properties%5Bn%5D=3',
    ],
    [
      'a form without a type',
      '',
      'APIKey=k&ListID=94&event=test&Email=2006@test.com&properties[plan]=p r o&properties[n]=3',
    ],
    [
      'a form with JSON text',
      'application/x-www-form-urlencoded',
      'APIKey=k&ListID=94&event=test&Email=2006@test.com&Properties={"plan":"p r o","n":"3"}',
    ],
    [
      'multipart',
      'multipart/form-data; boundary=b',
      [
        ['APIKey', 'k'],
        ['ListID', '94'],
        ['Event', 'test'],
        ['Email', email],
        ['Properties[plan]', 'p r o'],
        ['Properties[n]', '3'],
      ]
        .map(
          ([name, text]) =>
            `--b\r\nContent-Disposition: form-data; name="${name ?? ''}"\r\n\r\n${text ?? ''}\r\n`,
        )
        .join('') + '--b--\r\n',
    ],
  ])('may be %s', (_, contentType, body) => {
    const event = onlyEvent(decode(body, { contentType }))
    expect(event).toMatchObject({ name: 'test', sites: ['example.com'] })
    expect(event.props).toEqual(
      expect.arrayContaining([
        ['plan', 'p r o'],
        ['n', '3'],
      ]),
    )
  })

  it('may name its parameters in any case, of which the last counts', () => {
    const body = {
      apikey: 'k',
      LISTID: '0094',
      eVENT: 'other',
      event: 'test',
      eMail: email,
      PROPERTIES: { a: 1 },
    }
    expect(onlyEvent(decode(body))).toMatchObject({ name: 'test', sites: ['example.com'] })
  })

  it.each(['event.track', 'Event.Track', '', null])('may name the command %j', (Command) => {
    expect(decode(aBody({ Command })).ok).toBe(true)
  })

  it('may begin with a byte order mark', () => {
    expect(decode(`\ufeff${JSON.stringify(aBody())}`).ok).toBe(true)
  })

  it('keeps // in values of a text that has lines of comment', () => {
    const text =
      '{"APIKey":"k",\n  // a comment\n"ListID":94,"Event":"a // b","Email":"2006@test.com",\r\n\t// "ID":"x"\r\n"id":"//"}'
    expect(onlyEvent(decode(text))).toMatchObject({ name: 'a // b', visitorId: '//' })
  })

  it.each<[string, string | Buffer]>([
    ['cut short', '{"APIKey":"k"'],
    ['a list', '[{"APIKey":"k"}]'],
    ['JSON text', '"APIKey=k"'],
    ['words', 'hello'],
    ['a form of a megabyte of fields', 'a=b&'.repeat(20_000)],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['nested beyond reason', `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
    ['commas', ','.repeat(octethBodyBytesMax)],
  ])('is refused with 400 when it is %s', (_, body) => {
    expect(errorOf(decode(body))[0]).toBe(400)
  })

  it('is refused with 413 above the limit', () => {
    expect(errorOf(decode(' '.repeat(octethBodyBytesMax + 1)))[0]).toBe(413)
  })

  it('may be empty, and then lacks what the path needs', () => {
    expect(errorOf(decode(''))).toEqual([401, 99_999, 'Authentication failure or session expired'])
    expect(errorOf(decode('', { headers: { authorization: 'Bearer k' } }))[1]).toBe(4)
  })
})

describe('an Octeth event', () => {
  it.each([
    ['pageView', 'pageview', 'pageView'],
    ['page_view', 'pageview', 'page_view'],
    ['pageview', 'pageview', undefined],
    ['Identify', 'identify', 'Identify'],
    ['identify', 'identify', undefined],
    [' Started Trial ', 'Started Trial', undefined],
    [404, '404', undefined],
    ['x'.repeat(eventNameGraphemesMax + 1), 'x'.repeat(eventNameGraphemesMax), undefined],
  ])('called %j has the name %j, and what was sent beside it: %j', (Event, name, sent) => {
    expect(eventOf({ Event }).name).toBe(name)
    expect(propOf({ Event }, 'Event')).toBe(sent)
  })

  it('that is a conversion is worth its value', () => {
    const event = onlyEvent(decode(aConversion()))
    expect(event).toMatchObject({ name: 'conversion', revenue: { amount: '290.5', currency: '' } })
    expect(event.props).toContainEqual(['conversion-value', '290.5'])
  })

  it.each([
    [
      { 'conversion-value': '290.50', 'conversion-currency': 'eur' },
      { amount: '290.5', currency: 'EUR' },
    ],
    [{ currency: 'USD' }, { amount: '290.5', currency: 'USD' }],
    [
      { currency: 'gold', 'conversion-currency': 7 },
      { amount: '290.5', currency: '' },
    ],
    [{ 'conversion-value': -5 }, { amount: '-5', currency: '' }],
    [
      { 'conversion-value': undefined, 'Conversion-Value': 0 },
      { amount: '0', currency: '' },
    ],
  ])('that is a conversion with %j is worth %j', (changes, revenue) => {
    expect(onlyEvent(decode(aConversion(changes))).revenue).toEqual(revenue)
  })

  it.each([
    ['pageView', true],
    ['test', true],
    ['identify', false],
  ])('called %s is interactive: %s', (Event, interactive) => {
    expect(eventOf({ Event }).interactive).toBe(interactive)
  })

  it.each<[object, object]>([
    [
      { $current_url: 'https://www.example.com/a%20b?utm_source=x#y' },
      { hostname: 'example.com', pathname: '/a b', query: 'utm_source=x' },
    ],
    [{ url: 'https://example.com' }, { hostname: 'example.com', pathname: '/', query: '' }],
    [
      { $current_url: 'https://a.example/1', url: 'https://b.example/2' },
      { hostname: 'a.example', pathname: '/1' },
    ],
    [
      { $host: 'www.example.com:8080', $pathname: '/p' },
      { hostname: 'example.com', pathname: '/p' },
    ],
    [{ $host: 'example.com' }, { hostname: 'example.com', pathname: '/' }],
    [{ $pathname: '/p' }, { hostname: '(none)', pathname: '/p' }],
    [{}, { hostname: '', pathname: '', query: '', title: '', referrer: '' }],
    [
      { $current_url: 5, url: ['x'] },
      { hostname: '', pathname: '' },
    ],
    [{ $current_url: 'data:text/html,x' }, { hostname: '', pathname: '' }],
    [{ $page_title: 'One' }, { title: 'One' }],
    [{ $pageTitle: 'Two' }, { title: 'Two' }],
    [{ $referrer: 'https://news.example/' }, { referrer: 'https://news.example/' }],
    [{ $referrer: '$direct' }, { referrer: '' }],
    [
      { $current_url: `https://example.com/${'x'.repeat(3_000)}` },
      { pathname: `/${'x'.repeat(2_000 - 'https://example.com/'.length)}` },
    ],
  ])('with %j happened on %j', (Properties, page) => {
    expect(eventOf({ Properties })).toMatchObject(page)
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['its ID', { ID: ' u1 ' }, 'u1'],
    ['its ID, a number', { ID: 7 }, '7'],
    ['the hash of its email', { ID: undefined }, hash],
    ['the hash of its email, when the ID is empty', { ID: '' }, hash],
    ['the hash of its email, whatever its case', { ID: null, Email: ' 2006@TEST.com ' }, hash],
  ])('is of the visitor of %s', (_, changes, visitorId) => {
    expect(eventOf(changes).visitorId).toBe(visitorId)
  })

  it.each<[string, Record<string, unknown>, Record<string, string>, string | undefined]>([
    ['UUID', { UUID: '13f8e79a-f063-4b80-10e4-b65a699a2f56' }, {}, '13f8e79a-f063-4b80-10e4-b65a699a2f56'],
    ['UUID of another form', { uuid: 'evt_1' }, {}, 'evt_1'],
    ['header', {}, { 'idempotency-key': 'h' }, 'h'],
    ['UUID rather than its header', { UUID: 'u' }, { 'idempotency-key': 'h' }, 'u'],
    ['header, when its UUID cannot be stored', { UUID: 'ü' }, { 'idempotency-key': 'h' }, 'h'],
    ['nothing', {}, {}, undefined],
  ])('is told from others by its %s', (_, changes, headers, id) => {
    expect(onlyEvent(decode(aBody(changes), { headers })).clientEventId).toBe(id)
  })

  it.each([true, 1, 'true', '1', ' TRUE '])('with isTest %j is accepted and not stored', (isTest) => {
    const decoded = decode(aBody({ Event: 'identify', Properties: { isTest } }))
    expect(decoded).toMatchObject({ ok: true, events: [] })
    expect(decoded.ok && decoded.subscriber).toBeUndefined()
    const answer = answerOf(decoded, { places: [] })
    expect(answer).toMatchObject({
      status: 'success',
      external_id: 'user-id-2006',
      identify_event_sent: false,
    })
  })

  it.each([false, 0, 'false', null, 2])('with isTest %j is stored', (isTest) => {
    expect(eventOf({ Properties: { isTest } }).props.map(([name]) => name)).toContain('isTest')
  })

  it('that is silent says so in its properties', () => {
    expect(propOf({ Properties: { isSilent: true } }, 'isSilent')).toBe('true')
  })
})

describe('the answer to an Octeth event', () => {
  it('is the documented one', () => {
    const uuid = '13f8e79a-f063-4b80-10e4-b65a699a2f56'
    expect(answerOf(decode(aBody({ UUID: uuid })), { isNewSubscriber: true })).toEqual({
      status: 'success',
      uuid,
      external_id: 'user-id-2006',
      identify_event_sent: true,
    })
  })

  it.each<[string, Record<string, unknown>, Partial<AcceptedOutcome>, string]>([
    ['the place in the log', {}, {}, '00000000-0125-8148-8000-000000000003'],
    [
      'the place, when the client has an id of another form',
      { UUID: 'evt_1' },
      {},
      '00000000-0125-8148-8000-000000000003',
    ],
    [
      'the place of the greatest numbers',
      {},
      { places: [{ partition: 65_535, offset: 2 ** 53 - 1 }] },
      '01ffffff-ffff-8fff-8000-00000000ffff',
    ],
    ['a random one without a place', {}, { places: [] }, '00000000-0000-4000-8000-000000000001'],
  ])('has as its uuid %s', (_, changes, outcome, uuid) => {
    expect(answerOf(decode(aBody(changes)), outcome).uuid).toBe(uuid)
  })

  it('has a random external_id for who brings none', () => {
    const answer = answerOf(decode(aBody({ ID: undefined })))
    expect(answer.external_id).toBe('00000000-0000-4000-8000-000000000001')
  })

  it.each<[string, string, Partial<AcceptedOutcome>, boolean]>([
    ['an identify event', 'identify', {}, true],
    ['an event of a new email', 'test', { isNewSubscriber: true }, true],
    ['an event of a known email', 'test', {}, false],
    ['a new email of a dropped event', 'test', { isNewSubscriber: true, dropped: 1 }, false],
    ['a dropped identify event', 'identify', { dropped: 1 }, false],
  ])('says of %s whether an identify was sent', (_, Event, outcome, sent) => {
    expect(answerOf(decode(aBody({ Event })), outcome).identify_event_sent).toBe(sent)
  })

  it('asks for the subscriber by list and hash', () => {
    const decoded = decode(aBody({ Email: ' 2006@Test.com ' }))
    expect(decoded.ok && decoded.subscriber).toEqual({ site: 'example.com', listId: 94, emailHash: hash })
  })
})

describe('the user agent', () => {
  it.each([
    ['curl/8.14.1', ''],
    ['', ''],
    ['Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0', undefined],
  ])('of a request counts only where it is a browser: %j', (agent, expected) => {
    const event = onlyEvent(decode(aBody(), { headers: { 'user-agent': agent } }))
    expect(event.userAgent).toBe(expected)
  })
})

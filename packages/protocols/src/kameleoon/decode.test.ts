import { describe, expect, it } from 'vitest'
import type { DecodedEvent } from '../decoded.ts'
import { aDecodeContext, aKameleoonRequest } from '../testing.ts'
import { decodeKameleoon, kameleoonBodyBytesMax } from './decode.ts'
import { malformedUnitsMax, piecesMax } from './pieces.ts'

const site = 'siteCode=abcdefghij'
const nonce = 'nonce=d2ce4d22083348fb'
const product = `${nonce}&eventType=PRODUCT&ean=1`
const ofV = `${product}&visitorCode=v`
const outcome = { dropped: 0, places: [], isNewSubscriber: false }

const decode = (body: unknown, query = site, headers = {}) =>
  decodeKameleoon(aKameleoonRequest(body, { query, headers }), aDecodeContext())

/** The answer of a request with one good event. */
function answered(query: string, headers = {}) {
  const decoded = decode([ofV], query, headers)
  return decoded.ok ? decoded.accepted(outcome) : decoded
}

function events(body: unknown, query = site): readonly DecodedEvent[] {
  const decoded = decode(body, query)
  if (!decoded.ok) throw new Error(`refused: ${decoded.body}`)
  return decoded.events
}

/** Of each piece the cause why it is no event, or undefined. */
const causes = (body: unknown, query = site) => events(body, query).map(({ malformed }) => malformed?.cause)

describe('the answer of /visit/events', () => {
  it.each<[string, string, number]>([
    ['siteCode alone', site, 202],
    ['siteCode missing', '', 400],
    ['siteCode empty', 'siteCode=', 400],
    ['siteCode blank', 'siteCode=%20', 400],
    ['siteCode without a value', 'siteCode', 400],
    ['siteCode given twice', `${site}&${site}`, 400],
    ['siteCode unknown', 'siteCode=zzzzzzzzzz', 401],
    ['siteCode in another case', 'siteCode=ABCDEFGHIJ', 401],
    ['siteCode percent-encoded', 'siteCode=%61bcdefghij', 202],
    ['broken percent-encoding of a value', `${site}&visitorCode=%zz`, 400],
    ['percent-encoding that is no UTF-8', `${site}&visitorCode=%e9`, 400],
    ['broken percent-encoding of an unknown parameter', `${site}&x=%`, 400],
    ['visitorCode given twice', `${site}&visitorCode=a&visitorCode=b`, 400],
    ['visitorCode of 100 characters', `${site}&visitorCode=${'v'.repeat(100)}`, 202],
    ['visitorCode of 101 characters', `${site}&visitorCode=${'v'.repeat(101)}`, 400],
    ['mappingValue of 101 characters', `${site}&mappingValue=${'v'.repeat(101)}`, 400],
    ['json that is no boolean', `${site}&json=1`, 400],
    ['json empty', `${site}&json=`, 400],
    ['json=false', `${site}&json=false`, 202],
    ['bodyUa that is no boolean', `${site}&bodyUa=maybe`, 400],
    ['unknown parameters, also given twice', `${site}&x=1&x=2&__proto__=3`, 202],
    ['empty pairs', `&${site}&&`, 202],
    ['101 parameters', `${site}${'&x=1'.repeat(100)}`, 400],
    ['the browser engine', `${site}&visitorCode=v&itp=false`, 204],
    ['the browser engine with tracking prevention', `${site}&visitorCode=v&itp=true`, 204],
    ['an SDK', `sdkName=php&sdkVersion=4&${site}&bodyUa=true`, 202],
  ])('%s', (_, query, status) => {
    expect(answered(query).status).toBe(status)
  })

  it('has no content when it is accepted', () => {
    expect(answered(site)).toMatchObject({ status: 202, body: '' })
    expect(answered(`${site}&itp=false`)).toMatchObject({ status: 204, body: '' })
  })

  it.each(['', 'siteCode=s3cret', `${site}&json=s3cret`, `${site}&visitorCode=${'s3cret'.repeat(20)}`])(
    'is a short JSON message without what was sent when refused: %s',
    (query) => {
      const { body, contentType } = answered(query)
      expect(contentType).toContain('application/json')
      expect(JSON.parse(body)).toEqual({ message: expect.stringMatching(/^.{10,80}\.$/) })
      expect(body).not.toContain('s3cret')
    },
  )

  it.each<[string, string, Record<string, string>, number]>([
    ['a bot', site, { 'user-agent': 'Googlebot/2.1' }, 403],
    ['a bot that says bodyUa=false', `${site}&bodyUa=false`, { 'user-agent': 'Googlebot/2.1' }, 403],
    ['a server that sends for its visitors', `${site}&bodyUa=true`, { 'user-agent': 'okhttp-bot/4' }, 202],
    ['a browser', site, { 'user-agent': 'Mozilla/5.0' }, 202],
    ['nobody', site, {}, 202],
  ])('to %s', (_, query, headers, status) => {
    expect(answered(query, headers).status).toBe(status)
  })

  it("does not take the document's own user agent for a bot, nor for the visitor's", () => {
    const suspicious = { ...aDecodeContext(), isBot: () => true }
    const decodeFrom = (agent: string) =>
      decodeKameleoon(aKameleoonRequest([ofV], { query: site, headers: { 'user-agent': agent } }), suspicious)
    expect(decodeFrom('kameleoon-docs')).toMatchObject({ ok: true, events: [{ userAgent: '' }] })
    expect(decodeFrom('kameleoon-docs/2')).toMatchObject({ ok: false, status: 403 })
  })

  it.each<[string, string, number]>([
    ['the URL before the site', 'siteCode=zz&json=1', 400],
    ['the site before the user agent', 'siteCode=zz', 401],
    ['the user agent before the body', site, 403],
  ])('looks at %s', (_, query, status) => {
    const body = Buffer.alloc(kameleoonBodyBytesMax + 1, 'x')
    expect(decode(body, query, { 'user-agent': 'bot' })).toMatchObject({ ok: false, status })
  })

  it.each(['*/*', 'application/json', 'text/plain', 'multipart/form-data; boundary=b', ';', ''])(
    'is the same for content type %j',
    (type) => {
      const decoded = decode([ofV], site, { 'content-type': type })
      expect(decoded.ok && decoded.events).toMatchObject([{ name: 'product' }])
    },
  )

  it('is 413 above 3 MB', () => {
    const padded = (bytes: number) => Buffer.from(ofV.padEnd(bytes, ' '))
    expect(decode(padded(kameleoonBodyBytesMax))).toMatchObject({ ok: true })
    expect(decode(padded(kameleoonBodyBytesMax + 1))).toMatchObject({ ok: false, status: 413 })
  })

  it(`is 413 above ${String(piecesMax)} events, in both forms`, () => {
    const lines = (count: number) => 'x\n\n'.repeat(count)
    const json = (count: number) => `[${'0,'.repeat(count - 1)}0]`
    for (const form of [lines, json]) {
      expect(events(form(piecesMax))).toHaveLength(piecesMax)
      expect(decode(form(piecesMax + 1))).toMatchObject({ ok: false, status: 413 })
    }
  })
})

describe('the body', () => {
  const object = { nonce: 'd2ce4d22083348fb', eventType: 'PRODUCT', ean: '1', visitorCode: 'v' }

  it.each<[string, unknown, string, number]>([
    ['one line', ofV, '', 1],
    ['lines', `${ofV}\n${ofV}`, '', 2],
    ['lines that end in CRLF', `${ofV}\r\n${ofV}\r\n`, '', 2],
    ['blank lines', `\n \r\n${ofV}\n\n\t\n`, '', 1],
    ['lines after a byte order mark', `\ufeff${ofV}`, '', 1],
    ['lines although json=false', ofV, '&json=false', 1],
    ['a JSON array', [object, object], '&json=true', 2],
    ['a JSON array without json=true', [object, object], '', 2],
    ['a JSON array although json=false', [object], '&json=false', 1],
    ['a single JSON object', object, '&json=true', 1],
    ['a single JSON object without json=true', object, '', 1],
    ['JSON after blanks', ` \r\n\t${JSON.stringify([object])}`, '', 1],
    ['JSON after a byte order mark', `\ufeff${JSON.stringify([object])}`, '', 1],
    ['JSON over several lines', JSON.stringify([object], undefined, 2), '', 1],
    ['json=TRUE', [object], '&json=TRUE', 1],
    ['an empty array', [], '&json=true', 0],
    ['nothing', '', '', 0],
    ['nothing, as JSON', '', '&json=true', 0],
    ['nothing but blanks', '\r\n \n', '', 0],
  ])('may be %s', (_, body, query, count) => {
    const found = events(body, site + query)
    expect(found).toEqual(
      Array(count).fill(expect.objectContaining({ name: 'product', visitorId: 'v', props: [['ean', '1']] })),
    )
  })

  it.each<[string, unknown, string, (string | undefined)[]]>([
    ['cut JSON', '[{"nonce":', '', ['body: expected JSON']],
    ['lines with json=true', ofV, '&json=true', ['body: expected JSON']],
    ['JSON in bytes that are no UTF-8', Buffer.from('["\xff"]', 'latin1'), '', ['body: expected JSON']],
    ['a bare value', '5', '&json=true', ['event: expected a JSON object']],
    [
      'items that are no objects',
      [1, null, 'x', [], object],
      '',
      [...Array<string>(4).fill('event: expected a JSON object'), undefined],
    ],
    ['a line of something else', ['hello', ofV], '', ['eventType: required', undefined]],
  ])('keeps what is no event: %s', (_, body, query, expected) => {
    expect(causes(body, site + query)).toEqual(expected)
  })

  it('keeps the neighbours of what is wrong, in order', () => {
    const found = events([`${ofV}1`, 'eventType=PAGE&x', `${ofV}2`])
    expect(found.map(({ visitorId, malformed }) => visitorId ?? malformed)).toEqual([
      'v1',
      { cause: 'nonce: required', text: 'eventType=PAGE&x' },
      'v2',
    ])
  })

  it('keeps a malformed JSON event as its text', () => {
    const [event] = events([{ eventType: 'PAGE', é: '\u0000"' }])
    expect(event).toMatchObject({
      sites: ['example.com'],
      name: '',
      hostname: '',
      props: [],
      malformed: { cause: 'nonce: required', text: '{"eventType":"PAGE","é":"\\u0000\\""}' },
    })
    expect(event).not.toHaveProperty('visitorId')
  })

  it('cuts the text of a malformed piece, not inside a character', () => {
    const text = `x${'😀'.repeat(malformedUnitsMax)}`
    const [event] = events(text)
    expect(event?.malformed?.text).toBe(text.slice(0, malformedUnitsMax - 1))
  })
})

describe('the visitor', () => {
  it.each<[string, string, string, string]>([
    ['the URL', `${site}&visitorCode=u`, product, 'u'],
    ['the URL before the event', `${site}&visitorCode=u`, ofV, 'u'],
    [
      'the URL before an event whose own is too long',
      `${site}&visitorCode=u`,
      `${ofV}${'v'.repeat(100)}`,
      'u',
    ],
    ['mappingValue in the URL', `${site}&mappingValue=m`, ofV, 'm'],
    ['visitorCode before mappingValue in the URL', `${site}&mappingValue=m&visitorCode=u`, ofV, 'u'],
    ['the event', site, ofV, 'v'],
    ['the event where the URL has an empty one', `${site}&visitorCode=`, ofV, 'v'],
    ['mappingValue of the event', site, `${product}&mappingValue=m`, 'm'],
    ['visitorCode before mappingValue', site, `${product}&mappingValue=m&visitorCode=v`, 'v'],
    ['another case of the name', site, `${product}&VISITORCODE=v`, 'v'],
    ['percent-encoding', `${site}&visitorCode=%C3%A9`, product, 'é'],
    ['100 characters', site, `${product}&visitorCode=${'é'.repeat(100)}`, 'é'.repeat(100)],
  ])('comes from %s', (_, query, line, visitorId) => {
    expect(events([line], query)).toMatchObject([{ visitorId }])
  })

  it.each<[string, string, string]>([
    ['nobody', product, 'visitorCode: required'],
    ['an empty code', `${product}&visitorCode=`, 'visitorCode: required'],
    ['a blank code', `${product}&visitorCode=%20`, 'visitorCode: required'],
    [
      '101 characters',
      `${product}&visitorCode=${'v'.repeat(101)}`,
      'visitorCode: longer than 100 characters',
    ],
    [
      'a mapping value of 101',
      `${product}&mappingValue=${'v'.repeat(101)}`,
      'mappingValue: longer than 100 characters',
    ],
  ])('is refused: %s', (_, line, cause) => {
    expect(causes([line])).toEqual([cause])
  })

  it('may be several in one body', () => {
    const lines = ['a', 'b', 'a'].map((code) => `${product}&visitorCode=${code}`)
    expect(events(lines).map(({ visitorId }) => visitorId)).toEqual(['a', 'b', 'a'])
  })
})

describe("visitors' user agents", () => {
  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36+ (KHTML, like Gecko; a=b) Chrome/140 %41'
  const line = (visitor: string, userAgent?: string) =>
    `${product}&visitorCode=${visitor}${userAgent === undefined ? '' : `&userAgent=${userAgent}`}`
  const userAgents = (lines: unknown, query = '&bodyUa=true') =>
    events(lines, site + query).map(({ userAgent }) => userAgent)

  it('hold for the following events of the same visitor', () => {
    expect(
      userAgents([line('a', chrome), line('b'), line('a'), line('b', 'B/1'), line('b'), line('a')]),
    ).toEqual([chrome, '', chrome, 'B/1', 'B/1', chrome])
  })

  it('hold for all where the URL names the visitor', () => {
    const lines = [`${product}&userAgent=A/1`, product]
    expect(userAgents(lines, '&bodyUa=true&visitorCode=u')).toEqual(['A/1', 'A/1'])
  })

  it('are read from an event that is malformed', () => {
    expect(userAgents([`visitorCode=a&userAgent=A/1`, line('a')])).toEqual(['A/1', 'A/1'])
  })

  it.each<[string, string, string]>([
    ['unescaped as the SDKs send them', chrome, chrome],
    ['escaped', encodeURIComponent(chrome), chrome],
    ['without a blank', 'Mozilla%2F5.0+x;y', 'Mozilla/5.0+x;y'],
    ['with what separates parameters in it', 'A/1 (X; b&c=d) E/2', 'A/1 (X; b&c=d) E/2'],
    ['with a parameter behind it', 'A/1 (X)&visitNumber=1', 'A/1 (X)'],
  ])('are read %s', (_, sent, expected) => {
    expect(userAgents([line('a', sent)])).toEqual([expected])
  })

  it('are read from JSON', () => {
    const event = { nonce: 'd2ce4d22083348fb', eventType: 'activity', visitorCode: 'a', userAgent: chrome }
    expect(userAgents([event])).toEqual([chrome])
  })

  it('are cut', () => {
    expect(userAgents([line('a', 'A'.repeat(2_001))])).toEqual(['A'.repeat(2_000)])
  })

  it.each(['', '&bodyUa=false'])('do not count without bodyUa=true: %j', (query) => {
    expect(userAgents([line('a', 'A/1')], query)).toEqual([undefined])
  })
})

describe('the SDK', () => {
  it('is kept with every event', () => {
    const found = events([ofV], `${site}&sdkName=javascript&sdkVersion=4.17.1`)
    expect(found).toMatchObject([
      {
        props: [
          ['ean', '1'],
          ['sdkName', 'javascript'],
          ['sdkVersion', '4.17.1'],
        ],
      },
    ])
  })

  it('is cut', () => {
    const [event] = events([ofV], `${site}&sdkName=${'x'.repeat(101)}`)
    expect(event?.props).toContainEqual(['sdkName', 'x'.repeat(100)])
  })
})

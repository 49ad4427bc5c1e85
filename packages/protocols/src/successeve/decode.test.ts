import { describe, expect, it } from 'vitest'
import { onlyEvent } from '../testing.ts'
import { anEvent, event, refused, send, type Sent } from './test-calls.ts'

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
const form = 'application/x-www-form-urlencoded'

describe('the token', () => {
  const text = JSON.stringify(anEvent)
  it.each<[string, unknown, Sent]>([
    ['the query', anEvent, {}],
    ['the JSON', { ...anEvent, api_token: 't0ken' }, { query: '' }],
    ['a form', 'contact_uid=1&event_uid=a&api_token=t0ken', { query: '', type: form }],
    ['HTTP Basic, its password ignored', anEvent, { query: '', headers: basic('t0ken:whatever:x') }],
    ['HTTP Basic without a colon', anEvent, { query: '', headers: basic('t0ken') }],
    ['HTTP Basic in any case', anEvent, { query: '', headers: { authorization: 'BASIC  dDBrZW46' } }],
    ['several places that agree', { ...anEvent, api_token: 't0ken' }, { headers: basic('t0ken:') }],
    ['one place, empty in another', { ...anEvent, api_token: '' }, { headers: basic(':secret') }],
    [
      'data',
      `data=${encodeURIComponent(JSON.stringify({ ...anEvent, api_token: 't0ken' }))}`,
      { query: '', type: form },
    ],
  ])('is read from %s', (_, body, sent) => {
    expect(onlyEvent(send(body, sent)).visitorId).toBe('1')
  })

  it.each<[string, unknown, Sent, RegExp]>([
    ['missing', anEvent, { query: '' }, /^api_token is required/],
    ['of nobody', anEvent, { query: 'api_token=other' }, /^api_token is not known$/],
    ['right in other letters', anEvent, { query: 'api_token=T0KEN' }, /not known/],
    ['a bearer', anEvent, { query: '', headers: { authorization: 'Bearer t0ken' } }, /required/],
    ['no text', { ...anEvent, api_token: ['t0ken'] }, { query: '' }, /required/],
    ['two that differ', anEvent, { headers: basic('other:') }, /different values/],
    ['two in one query', anEvent, { query: 'api_token=other&api_token=t0ken' }, /different values/],
    [
      'in an element of a batch only',
      [{ method: 'event', ...anEvent, api_token: 't0ken' }],
      { route: 'batch', query: '' },
      /required/,
    ],
    ['missing, and the body no JSON', '{', { query: '' }, /required/],
  ])('that is %s is refused with 401', (_, body, sent, error) => {
    expect(refused(body, sent)).toEqual({
      status: 401,
      error: expect.stringMatching(error) as string,
      field: 'api_token',
      headers: { 'www-authenticate': 'Basic realm="SuccessEve"' },
    })
  })

  it('is never echoed and never stored', () => {
    const secret = 'very-secret'
    for (const sent of [{ query: `api_token=${secret}` }, { headers: basic(`${secret}:`) }]) {
      expect(JSON.stringify(send(anEvent, sent))).not.toContain(secret)
    }
    const hidden = { api_token: 't0ken', params: { api_token: 't0ken', deep: [{ api_token: 't0ken' }] } }
    expect(JSON.stringify(send({ ...anEvent, ...hidden }))).not.toContain('t0ken')
    expect(JSON.stringify(send([{ ...hidden, method: 'x' }], { route: 'batch' }))).not.toContain('t0ken')
  })

  it('is asked before the content is judged', () => {
    expect(refused(text.slice(1), { query: 'api_token=other' }).status).toBe(401)
    expect(refused(text.slice(1)).status).toBe(400)
  })

  it('says which site the events are of', () => {
    expect(event({}, { site: { domain: 'a.example' } }).sites).toEqual(['a.example'])
  })
})

describe('the method', () => {
  it.each(['event', 'pageview', 'contact', 'account', 'element', 'batch'] as const)(
    'GET of %s needs _method=post',
    (route) => {
      const query = 'api_token=t0ken&contact_uid=1&event_uid=a&account_uid=2&unique_id=3'
      const sent = { method: 'GET', type: '', route }
      expect(refused('', { ...sent, query })).toMatchObject({
        status: 405,
        headers: { allow: 'POST, OPTIONS' },
      })
      expect(refused('', { ...sent, query: `${query}&_method=get` }).status).toBe(405)
      expect(send('', { ...sent, query: `${query}&_method=POST` })).toMatchObject({ ok: true })
    },
  )

  it('a ping needs none, but a token', () => {
    for (const method of ['GET', 'POST']) {
      const sent = { method, route: 'ping', type: '' } as const
      expect(send('', sent)).toMatchObject({ ok: true, events: [] })
      expect(refused('', { ...sent, query: 'api_token=other' }).status).toBe(401)
    }
  })
})

describe('the body', () => {
  const data = JSON.stringify({ contact_uid: 'xü??>>~~', event_uid: 'a' })
  const base64 = Buffer.from(data).toString('base64')
  const escaped = encodeURIComponent(base64)
  it.each<[string, string, Sent]>([
    ['JSON called JSON', data, {}],
    ['JSON called a form, as curl -d does', data, { type: form }],
    ['JSON after blanks', ` \r\n\t${data}\n`, { type: form }],
    ['JSON after a byte order mark', `\ufeff${data}`, { type: 'text/plain' }],
    ['JSON of a vendor type', data, { type: 'application/vnd.x+json; charset=utf-8' }],
    ['fields of a form', 'contact_uid=x%C3%BC%3F%3F%3E%3E~~&event_uid=a', { type: form }],
    ['data of a form', `data=${encodeURIComponent(data)}`, { type: form }],
    ['data of a form called nothing', `data=${encodeURIComponent(data)}`, { type: '' }],
    ['data with encode none', `encode=none&data=${encodeURIComponent(data)}`, { type: form }],
    ['data in base64', `encode=base64&data=${escaped}`, { type: form }],
    ['data in BASE64', `encode=BASE64&data=${escaped}`, { type: form }],
    [
      'data whose encoding the query says',
      `data=${escaped}`,
      { type: form, query: 'api_token=t0ken&encode=base64' },
    ],
    ['base64 with pluses that nobody escaped', `encode=base64&data=${base64}`, { type: form }],
    [
      'base64 of the URL alphabet',
      `encode=base64&data=${Buffer.from(data).toString('base64url')}`,
      { type: form },
    ],
    [
      'base64 in lines',
      `encode=base64&data=${encodeURIComponent(base64.replace(/(.{20})/g, '$1\n'))}`,
      { type: form },
    ],
    ['data in the query', '', { query: `api_token=t0ken&encode=base64&data=${escaped}` }],
    ['fields in the query', '', { query: 'api_token=t0ken&contact_uid=x%C3%BC%3F%3F%3E%3E~~&event_uid=a' }],
  ])('may be %s', (_, body, sent) => {
    expect(base64).toMatch(/[+].*[/]|[/].*[+]/)
    expect(onlyEvent(send(body, sent))).toMatchObject({ visitorId: 'xü??>>~~', name: 'a' })
  })

  it.each<[string, unknown, Sent, string]>([
    ['no JSON', '{"contact_uid"', {}, 'body'],
    ['text called JSON', 'contact_uid=1', {}, 'body'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), {}, 'body'],
    ['a list', [anEvent], {}, 'body'],
    ['a number', 1, {}, 'body'],
    ['null', 'null', {}, 'body'],
    ['nesting without end', '['.repeat(100_000), {}, 'body'],
    ['data that is no JSON', 'data=%7B', { type: form }, 'data'],
    ['data that is a number', 'data=1', { type: form }, 'body'],
    ['data that is no base64', 'encode=base64&data=%7B%7D', { type: form }, 'data'],
    ['data in another code', 'encode=rot13&data=%7B%7D', { type: form }, 'encode'],
    ['a form with too many fields', 'a&'.repeat(1_001), { type: form }, 'body'],
    ['a megabyte of commas', ','.repeat(1_000_000), { type: 'text/plain' }, 'contact_uid'],
    ['half a multipart form', '--b\r\n', { type: 'multipart/form-data; boundary=b' }, 'body'],
    ['a multipart form without its boundary', '{}', { type: 'multipart/form-data' }, 'body'],
    ['nothing', '', {}, 'contact_uid'],
    ['plain text', 'hello', { type: 'text/plain' }, 'contact_uid'],
  ])('that is %s is refused with the field', (_, body, sent, field) => {
    expect(refused(body, sent)).toMatchObject({ status: 400, field })
  })

  it('with a query of too many fields is refused', () => {
    expect(refused(anEvent, { query: 'a&'.repeat(1_001) }).status).toBe(401)
    expect(refused(anEvent, { query: 'a&'.repeat(1_001), headers: basic('t0ken:') })).toMatchObject({
      status: 400,
      field: 'query',
    })
  })
})

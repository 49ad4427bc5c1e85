import { describe, expect, it } from 'vitest'
import { aDecodeContext, aWireRequest } from '../testing.ts'
import { batchElementsMax } from './batch.ts'
import { successEveDecoder } from './decode.ts'

const anEvent = { method: 'event', contact_uid: '1', event_uid: 'a' }

function decode(body: unknown, headers = {}) {
  const request = aWireRequest(body, { contentType: 'application/json', headers })
  return successEveDecoder('batch')({ ...request, query: 'api_token=t0ken' }, aDecodeContext())
}
function events(body: unknown, headers = {}) {
  const decoded = decode(body, headers)
  if (!decoded.ok) throw new Error(`refused: ${decoded.body}`)
  return decoded.events
}

describe('a batch', () => {
  it.each([
    ['an array', [anEvent, anEvent], 2],
    ['one call', anEvent, 1],
    ['an object with a list', { batch: [anEvent, anEvent], sentAt: 'now' }, 2],
    ['an empty array', [], 0],
    ['as many calls as it may', Array(batchElementsMax).fill(anEvent), batchElementsMax],
  ])('may be %s', (_, body, count) => {
    expect(events(body)).toHaveLength(count)
  })

  it('of more is refused with its limit, and nothing is stored', () => {
    expect(decode(Array(batchElementsMax + 1).fill(anEvent))).toMatchObject({
      ok: false,
      status: 400,
      body: '{"status":"error","error":"batch must have at most 100 elements","field":"batch"}',
    })
  })

  it.each(['1', '"a"', 'null', 'true'])('that is %s is refused', (body) => {
    expect(decode(body)).toMatchObject({ ok: false, status: 400 })
  })

  it.each<[object, string]>([
    [{ method: 'event', contact_uid: 'c', event_uid: 'e' }, 'e'],
    [{ method: ' Event ', contact_uid: 'c', event: 'e' }, 'e'],
    [{ contact_uid: 'c', event_uid: 'e' }, 'e'],
    [{ contact_uid: 'c', event: 'e' }, 'e'],
    [{ method: 'pageview', contact_uid: 'c' }, 'pageview'],
    [{ method: 'contact', contact_uid: 'c' }, 'contact'],
    [{ method: 'user', unique_id: 'c' }, 'contact'],
    [{ method: 'account', account_uid: 'c' }, 'account'],
    [{ method: 'email', contact_uid: 'c' }, 'email'],
    [{ method: 'element', unique_id: 'c' }, 'element'],
  ])('takes %j as %s', (call, name) => {
    expect(events([call])).toMatchObject([{ name }])
  })

  it.each<[string, unknown, RegExp]>([
    ['no object', 7, /^call: must be an object$/],
    ['a list', [anEvent], /^call: must be an object$/],
    ['without a method', { contact_uid: '1' }, /^method: must be one of event, pageview, /],
    ['with another method', { ...anEvent, method: 'drop' }, /^method: must be one of/],
    ['with a method that is no text', { ...anEvent, method: 1 }, /^method: must be one of/],
    ['without a contact', { method: 'event', event_uid: 'a' }, /^contact_uid: is required$/],
    ['without an event', { method: 'event', contact_uid: '1' }, /^event_uid: is required$/],
    ['with params that are none', { ...anEvent, params: 1 }, /^params: must be an object$/],
  ])('keeps the neighbours of a call %s', (_, piece, cause) => {
    const decoded = events([{ ...anEvent, event_uid: 'first' }, piece, { ...anEvent, event_uid: 'last' }])
    expect(decoded.map(({ name }) => name)).toEqual(['first', '', 'last'])
    expect(decoded[0]?.malformed).toBeUndefined()
    expect(decoded[1]).toMatchObject({
      sites: ['example.com'],
      userAgent: '',
      malformed: { cause: expect.stringMatching(cause) as string, text: JSON.stringify(piece) },
    })
  })

  it('shows of a wrong call what a dead letter can hold', () => {
    const text = (piece: unknown) => events([piece])[0]?.malformed?.text
    const long = text({ method: 'x', long: Array(5).fill('é'.repeat(3_000)) }) ?? ''
    expect(long).toMatch(/^\{"method":"x","long":\["é+","é+$/)
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(10_000)
    // As text: JSON.stringify itself would exhaust the stack.
    const deep = `[${'['.repeat(5_000)}${']'.repeat(5_000)}]`
    expect(events(deep)[0]?.malformed?.text).toBe('['.repeat(32))
  })

  it('that is sent again with its key gives each call the id it had', () => {
    const batch = [anEvent, { ...anEvent, messageId: 'm' }, anEvent]
    expect(events(batch, { 'idempotency-key': 'k' }).map(({ clientEventId }) => clientEventId)).toEqual([
      'k#0',
      'm',
      'k#2',
    ])
  })
})

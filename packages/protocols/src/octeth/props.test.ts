import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { aDecodeContext, aWireRequest, onlyEvent } from '../testing.ts'
import { decodeOcteth } from './decode.ts'
import { octethPropsBytesMax, octethPropsMax } from './props.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const jane = sha256('jane@example.com')

interface Sent {
  readonly keepsEmails?: boolean
  readonly [parameter: string]: unknown
}

/** The properties of an event without those that say what the protocol says beside. */
function sentProps({ keepsEmails = false, ...changes }: Sent): [string, string][] {
  const body = { APIKey: 'k', ListID: 94, Event: 'test', Email: '2006@test.com', ...changes }
  const event = onlyEvent(decodeOcteth(aWireRequest(body), aDecodeContext({ keepsEmails })))
  return event.props.filter(([name]) => name !== 'ListID' && name !== 'email')
}

describe('the properties of an Octeth event', () => {
  it.each<[string, unknown, string]>([
    ['text', 'Jane', 'Jane'],
    ['a number', 100, '100'],
    ['a fraction', 290.5, '290.5'],
    ['true', true, 'true'],
    ['null', null, ''],
    ['empty text', '', ''],
    ['a list', [1, 'a', null], '[1,"a",null]'],
    ['an object', { a: { b: 1 } }, '{"a":{"b":1}}'],
    ['an email', 'jane@example.com', jane],
    ['an email in another spelling', ' Jane@Example.COM ', jane],
    ['an email in a sentence', 'of Jane <jane@example.com>', `of Jane <${jane}>`],
    ['an email in a URL', 'https://a.example/?e=jane%40example.com&x=1', `https://a.example/?e=${jane}&x=1`],
    ['an email to write to', 'mailto:jane@example.com', `mailto:${jane}`],
    ['an email without a dot', 'root@localhost', sha256('root@localhost')],
    ['a nested email', { to: ['jane@example.com'] }, `{"to":["${jane}"]}`],
    ['a nested name that is an email', { 'jane@example.com': 1 }, `{"${jane}":1}`],
    ['a URL with an @', 'https://a.example/@jane/post', 'https://a.example/@jane/post'],
    ['2,001 bytes', 'x'.repeat(2_001), 'x'.repeat(2_000)],
    ['2,001 bytes of which the last two are a character', `${'x'.repeat(1_999)}é`, 'x'.repeat(1_999)],
    ['an emoji across the limit', `${'x'.repeat(1_998)}😀`, 'x'.repeat(1_998)],
    [
      'an email across the limit',
      `${'x '.repeat(996)}jane@example.com`,
      `${'x '.repeat(996)}${jane.slice(0, 8)}`,
    ],
    ['too many letters of an emoji kind', '😀'.repeat(4_001), '😀'.repeat(500)],
  ])('hold %s', (_, value, expected) => {
    expect(sentProps({ Properties: { a: value } })).toEqual([['a', expected]])
  })

  it('hold emails in clear where the site keeps them', () => {
    const body = { keepsEmails: true, Email: ' Jane@Example.com ', ID: 'jane@example.com' }
    const context = aDecodeContext({ keepsEmails: true })
    expect(sentProps({ ...body, Properties: { a: 'jane@example.com', b: ['jane@example.com'] } })).toEqual([
      ['ID', 'jane@example.com'],
      ['a', 'jane@example.com'],
      ['b', '["jane@example.com"]'],
    ])
    const request = aWireRequest({ APIKey: 'k', ListID: 94, Event: 'test', ...body })
    expect(onlyEvent(decodeOcteth(request, context)).props).toContainEqual(['email', 'Jane@Example.com'])
  })

  it('hold the hash of an ID that is an email', () => {
    expect(sentProps({ ID: 'Jane@example.com' })).toEqual([['ID', jane]])
  })

  it.each([
    ['email', 'Properties.email'],
    ['ID', 'Properties.ID'],
    ['ListID', 'Properties.ListID'],
    ['Event', 'Properties.Event'],
    ['Properties.email', 'Properties.Properties.email'],
    ['IdentifyProperties.x', 'Properties.IdentifyProperties.x'],
    ['Email', 'Email'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['jane@example.com', jane],
  ])('called %s are stored as %s', (sent, stored) => {
    const json = JSON.stringify({ APIKey: 'k', ListID: 94, Event: 'test', Email: '2006@test.com' })
    const text = `${json.slice(0, -1)},"Properties":{${JSON.stringify(sent)}:"v"}}`
    const event = onlyEvent(decodeOcteth(aWireRequest(text), aDecodeContext()))
    expect(event.props.slice(2)).toEqual([[stored, 'v']])
  })

  it.each<[string, unknown]>([
    ['a name above 300 bytes', { ['é'.repeat(151)]: 1 }],
    ['an empty name', { '': 1 }],
    ['what is nested too deep', { a: JSON.parse('['.repeat(21) + ']'.repeat(21)) as unknown }],
    ['no object', 'text'],
    ['a number', 5],
    ["PHP's empty object", []],
    ['nothing', null],
  ])('are none for %s', (_, Properties) => {
    expect(sentProps({ Properties })).toEqual([])
  })

  it('are numbered when they come as a list', () => {
    expect(sentProps({ Properties: ['a', 'b'] })).toEqual([
      ['0', 'a'],
      ['1', 'b'],
    ])
  })

  it('beyond their number, or their bytes together, are left out', () => {
    const many = Object.fromEntries(
      Array.from({ length: octethPropsMax + 1 }, (_, index) => [`p${String(index)}`, 1]),
    )
    expect(sentProps({ Properties: many })).toHaveLength(octethPropsMax)
    const large = Object.fromEntries(Object.keys(many).map((name) => [name, 'x'.repeat(2_000)]))
    const stored = sentProps({ Properties: large })
    const bytes = stored.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
    expect(bytes).toBeLessThanOrEqual(octethPropsBytesMax)
    expect(bytes).toBeGreaterThan(octethPropsBytesMax - 3_000)
  })

  it('of the person stand among those of an identify event, before which they go', () => {
    const changes = {
      Event: 'identify',
      Properties: { a: '1', b: '2' },
      IdentifyProperties: { b: '3', email: 'x' },
    }
    expect(sentProps(changes)).toEqual([
      ['a', '1'],
      ['b', '3'],
      ['Properties.email', 'x'],
    ])
  })

  it('of the person stand apart in other events', () => {
    const changes = { Properties: { firstName: '1' }, IdentifyProperties: { firstName: 'Jane' } }
    expect(sentProps(changes)).toEqual([
      ['firstName', '1'],
      ['IdentifyProperties.firstName', 'Jane'],
    ])
  })
})

/** What becomes of a whole Plausible request, row by row: each group of rows belongs to a section of Plausible's ingestion. */
import { BotDetector, createEnricher, defaultTrustedProxies, parseTrustedProxies } from '@millrace/enrichment'
import { fakeGeo } from '@millrace/enrichment/testing'
import type { EnrichedEvent } from '@millrace/events'
import { parseSites } from '@millrace/sites'
import { describe, expect, it } from 'vitest'
import { eventRoutes } from './event-routes.ts'
import { Intake } from './intake.ts'

const browser = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36'
const berlin = { country: 'DE', subdivision1: 'DE-BE', cityGeonameId: 2950159, city: 'Berlin' }
const enrich = createEnricher({ geo: fakeGeo({ '81.2.69.142': berlin }) })
const salt = Buffer.alloc(16, 1)
const bots = new BotDetector()
const spamHosts = ['spam.example']

interface Sent {
  readonly body?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly peer?: string
  readonly shields?: object
}

function taken({ body = {}, headers = {}, peer = '127.0.0.1', shields = {} }: Sent) {
  const sites = parseSites(JSON.stringify({ sites: [{ domain: 'example.com', shields }] }))
  const intake = new Intake({
    sites: () => sites,
    trustedProxies: parseTrustedProxies(defaultTrustedProxies),
    bots,
    referrerSpam: { has: (referrer) => spamHosts.some((host) => referrer.includes(host)) },
  })
  const route = eventRoutes.find(({ path }) => path === '/api/event')!
  const request = {
    method: 'POST',
    query: '',
    peer,
    headers: { 'content-type': 'text/plain', 'user-agent': browser, ...headers },
    body: Buffer.from(
      JSON.stringify({ n: 'pageview', u: 'https://example.com/', d: 'example.com', ...body }),
    ),
  }
  const answered = intake.read(route, request, Date.UTC(2026, 10, 21))
  if (!answered.ok) throw new Error(answered.body)
  return { ...answered.events[0]!, producerId: 'p', producerSequence: 1 }
}

const columns = (sent: Sent): EnrichedEvent => enrich(taken(sent), { rawOffset: 1, salt, previousSalt: salt })

describe('3 page', () => {
  it.each<[url: string, hostname: string, pathname: string]>([
    ['https://www.example.com/', 'example.com', '/'],
    ['https://www.www.example.com/', 'www.example.com', '/'],
    ['https://WWW.example.com/', 'WWW.example.com', '/'],
    ['https://user:pw@Example.COM:8443/A?q#f', 'Example.COM', '/A'],
    ['http://[2001:db8::1]:8080/x', '2001:db8::1', '/x'],
    ['https://müller.de/ü', 'müller.de', '/ü'],
    ['https://xn--mller-kva.de', 'xn--mller-kva.de', '/'],
    ['//example.com/a', 'example.com', '/a'],
    ['about:config', '(none)', 'config'],
    ['file:///x', '(none)', '/x'],
    ['https://example.com/a%2520b+c%zz%20%0A', 'example.com', '/a%20b+c%zz'],
    ['https://example.com/%20a/../b//', 'example.com', '/ a/../b//'],
    ['https://example.com/a%3Fb%2Fc', 'example.com', '/a?b/c'],
  ])('%s is the page %s %s', (u, hostname, pathname) => {
    expect(columns({ body: { u } })).toMatchObject({ hostname, pathname })
  })
})

describe('4 acquisition', () => {
  it.each<[query: string, referrer: string, expected: Partial<EnrichedEvent>]>([
    [
      '',
      'https://user:pw@www.Other.org:8443/A%20b//?q#f',
      { referrer: 'Other.org/A%20b', source: 'Other.org' },
    ],
    ['', 'https://WWW.other.org', { referrer: 'WWW.other.org' }],
    ['', 'http://[2001:db8::1]:80/x', { referrer: '2001:db8::1/x', source: '2001:db8::1' }],
    ['', 'ios-app://284815942/', { referrer: '', source: '', channel: 'Direct' }],
    ['', ' https://other.org', { referrer: '', source: '' }],
    ['', 'http://localhost:3000/', { referrer: '', source: '' }],
    ['', 'https://www.example.com:8443/x', { referrer: '', source: '' }],
    ['', 'https://blog.example.com/x', { source: 'blog.example.com', channel: 'Referral' }],
    ['', 'android-app://com.some.Unknown', { source: 'android-app://com.some.Unknown' }],
    ['', 'https://xofficeapps.live.com/', { source: 'xofficeapps.live.com' }],
    ['', 'https://en.m.wikipedia.org/', { source: 'Wikipedia', channel: 'Referral' }],
    ['', 'https://wikipedia.org.evil.com/', { source: 'wikipedia.org.evil.com' }],
    ['', 'https://__proto__/', { source: '__proto__' }],
    ['?source=', 'https://google.com', { source: '', referrer: 'google.com', channel: 'Direct' }],
    ['?utm_source&ref=b', '', { source: '', utmSource: '' }],
    ['?ref=c&source=b', '', { source: 'b', utmSource: 'b' }],
    ['?ref=fbads', '', { source: 'Facebook', utmSource: 'fbads', channel: 'Paid Social' }],
    ['?ref=constructor', '', { source: 'constructor', channel: 'Referral' }],
    ['?utm_source=google.com', '', { source: 'google.com' }],
    ['?utm%5Fsource=a+b%2Bc&UTM_MEDIUM=x', '', { utmSource: 'a b+c', utmMedium: '' }],
    ['#/?utm_source=a', '', { utmSource: '', source: '' }],
    ['?gclid=1&msclkid=2', 'https://bing.com', { clickIdParam: 'gclid', utmMedium: '(msclkid)' }],
    ['?gclid', 'https://mail.google.com', { clickIdParam: 'gclid', source: 'Gmail', utmMedium: '' }],
    ['?gclid=1&utm_medium=', 'https://google.com', { utmMedium: '', channel: 'Paid Search' }],
    ['?gclid=1&utm_campaign=shopping', 'https://google.com', { channel: 'Paid Search' }],
    ['?gclid=1&utm_medium=display', 'https://google.com', { channel: 'Display' }],
    ['?utm_source=chatgpt&utm_medium=social', '', { channel: 'Organic Social' }],
    ['?utm_source=chatgpt&utm_medium=email', '', { channel: 'AI Assistants' }],
    ['?utm_source=google&utm_medium=email', '', { channel: 'Organic Search' }],
    ['?utm_campaign=bishop', '', { channel: 'Direct' }],
    ['?utm_campaign=workshopping', '', { channel: 'Organic Shopping' }],
    ['?utm_medium=retargeting2', '', { channel: 'Direct' }],
    ['?utm_medium=unpaid', '', { channel: 'Direct' }],
  ])('%j from %j', (query, r, expected) => {
    const u = `https://example.com/${query}`
    expect(columns({ body: { u, r } })).toMatchObject(expected)
  })
})

describe('5 client', () => {
  const trusted = { 'x-forwarded-for': '81.2.69.142' }
  it.each<[title: string, sent: Sent, expected: Partial<EnrichedEvent>]>([
    ['an address of a header', { headers: trusted }, berlin],
    ['a mapped address', { headers: { 'x-forwarded-for': '::ffff:5102:458e' } }, berlin],
    ['a quoted one with port', { headers: { forwarded: 'by=10.0.0.1; FOR="81.2.69.142:80" ;x=y' } }, berlin],
    ['an empty header before', { headers: { 'x-plausible-ip': '', ...trusted } }, berlin],
    ['the first list item', { headers: { 'b-forwarded-for': '81.2.69.142, 10.0.0.1' } }, berlin],
    ['an untrusted sender', { peer: '8.8.8.8', headers: trusted }, { country: '', cityGeonameId: 0 }],
    [
      'a VPN',
      { headers: { ...trusted, 'x-plausible-ip-type': 'anonymous_vpn_ip' } },
      { country: 'A1', subdivision1: '', cityGeonameId: 0, city: '' },
    ],
    ['another type', { headers: { ...trusted, 'x-plausible-ip-type': 'DC_IP' } }, berlin],
    ['an empty user agent', { headers: { 'user-agent': '' } }, { browser: '', os: '', device: '' }],
  ])('%s', (_, sent, expected) => {
    expect(columns(sent)).toMatchObject(expected)
    expect(taken(sent).drop).toBeUndefined()
  })
})

describe('9 drops', () => {
  const pages = (rule: string) => ({ pages: [rule] })
  const hostnames = (rule: string) => ({ hostnames: [rule] })
  it.each<[rule: string, pathname: string, isBlocked: boolean]>([
    ['/test/*', '/test', false],
    ['/test/*', '/test/', true],
    ['/test/*', '/test/%0Aa', true],
    ['/test*', '/test', true],
    ['/test', '/Test', false],
    ['/a.b', '/axb', false],
    ['/a[0-9]', '/a5', false],
    ['/x|/y', '/y', false],
    ['/a b', '/a%20b', true],
    ['/a***b', '/a/x/b', true],
    ['/admin', '/public/admin', false],
    ['/*/edit', '/edit', false],
  ])('the page rule %s on %s: %s', (rule, pathname, isBlocked) => {
    const { drop } = taken({ body: { u: `https://example.com${pathname}` }, shields: pages(rule) })
    expect(drop).toBe(isBlocked ? 'site_page_blocklist' : undefined)
  })

  it.each<[rule: string, hostname: string, isAllowed: boolean]>([
    ['example.com', 'www.example.com:8080', true],
    ['example.com', 'example.com.evil.org', false],
    ['example.com', 'exampleXcom', false],
    ['*.example.com', 'example.com', false],
    ['*.example.com', 'a.b.example.com', true],
    ['*.example.com', 'axexample.com', false],
    ['*example.com', 'example.com', true],
    ['example.*', 'example.co.uk', true],
  ])('the hostname rule %s on %s: %s', (rule, hostname, isAllowed) => {
    const { drop } = taken({ body: { u: `https://${hostname}/` }, shields: hostnames(rule) })
    expect(drop).toBe(isAllowed ? undefined : 'site_hostname_allowlist')
  })

  it.each<[title: string, sent: Sent, reason: string]>([
    ['spam before the site', { body: { r: 'http://spam.example', d: 'nobody.example' } }, 'spam_referrer'],
    [
      'the site before the address',
      { body: { d: 'x.org' }, headers: { 'x-plausible-ip-type': 'dc_ip' } },
      'not_found',
    ],
    [
      'the address before the hostname',
      {
        body: { u: 'https://x.org/' },
        headers: { 'x-plausible-ip-type': 'dc_ip' },
        shields: hostnames('a.b'),
      },
      'dc_ip',
    ],
    [
      'the hostname before the page',
      { body: { u: '/a' }, shields: { ...hostnames('a.b'), ...pages('/a') } },
      'site_hostname_allowlist',
    ],
    [
      'the page before the bot',
      {
        body: { u: 'https://example.com/a' },
        headers: { 'user-agent': 'Googlebot/2.1' },
        shields: pages('/a'),
      },
      'site_page_blocklist',
    ],
  ])('%s', (_, sent, reason) => {
    expect(taken(sent).drop).toBe(reason)
  })

  it('finds an address whatever its spelling', () => {
    const shields = { ips: ['2001:DB8::1', '81.2.69.142'] }
    for (const address of ['2001:db8:0:0::1', '[2001:db8::1]:443', '::ffff:81.2.69.142', '81.2.69.142:80']) {
      expect(taken({ headers: { 'x-forwarded-for': address }, shields }).drop).toBe('site_ip_blocklist')
    }
  })
})

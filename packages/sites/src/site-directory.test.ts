import { OptionsError } from '@millrace/runtime'
import { describe, expect, it } from 'vitest'
import { acceptAllSites, parseSites } from './site-directory.ts'

const example = `{ "acceptUnknownSites": false,
  "sites": [{ "domain": "example.com", "bots": "drop",
      "shields": { "ips": [], "countries": [], "pages": ["/admin/**"], "hostnames": [] },
      "goals": [{ "eventName": "Purchase", "currency": "USD" }],
      "kameleoon": { "siteCodes": ["abcdefghij"] }, "octeth": { "listIds": [94] }, "successeve": { "apiTokens": ["t0ken"] },
      "rateLimit": { "eventsPerSecond": 500, "burst": 2000 } }],
  "octeth": { "apiKeys": ["k"], "sessionIds": [] } }`

const parse = (file: unknown) => parseSites(JSON.stringify(file))
const withSite = (site: object) => ({ sites: [{ domain: 'a.example', ...site }] })

/** The one line with which the file is refused. */
function refusal(text: string): string {
  try {
    parseSites(text)
  } catch (error) {
    expect(error).toBeInstanceOf(OptionsError)
    return (error as Error).message
  }
  throw new Error('accepted')
}

describe('parseSites', () => {
  it('reads the documented example', () => {
    const directory = parseSites(example)
    expect(directory).toMatchObject({
      acceptsAll: false,
      acceptsUnknownSites: false,
    })
    expect(directory.find('example.com')).toMatchObject({
      bots: 'drop',
      goals: new Map([['Purchase', { eventName: 'Purchase', currency: 'USD' }]]),
      rateLimit: { eventsPerSecond: 500, burst: 2000 },
      keys: { kameleoonSiteCodes: ['abcdefghij'], octethListIds: [94], successeveApiTokens: ['t0ken'] },
    })
  })

  it('has defaults for everything but the domain', () => {
    const directory = parse({ sites: [{ domain: 'a.example' }] })
    expect(directory).toMatchObject({ acceptsUnknownSites: false })
    expect(directory.find('a.example')).toMatchObject({
      bots: 'drop',
      acceptsAllRevenue: false,
      rateLimit: undefined,
      shields: { countries: new Set(), pages: [], hostnames: [] },
    })
    expect(parse({}).sites).toEqual([])
  })

  it('overlooks a byte order mark', () => {
    expect(parseSites(`\ufeff${example}`).sites).toHaveLength(1)
  })

  const rule = (count: number, text: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => text(index))
  it.each<[string, unknown, string]>([
    ['an unknown key', { site: [] }, 'unknown key "site"'],
    ['an unknown key of a site', withSite({ shield: {} }), 'sites[0]: unknown key "shield"'],
    [
      'an unknown key of shields',
      withSite({ shields: { page: [] } }),
      'sites[0].shields: unknown key "page"',
    ],
    [
      'an unknown key of a goal',
      withSite({ goals: [{ eventName: 'a', value: 1 }] }),
      'sites[0].goals[0]: unknown key "value"',
    ],
    ['a site without a domain', { sites: [{}] }, 'sites[0].domain: '],
    ['an empty domain', { sites: [{ domain: ' www. ' }] }, 'sites[0].domain: must not be empty'],
    [
      'a list of domains',
      { sites: [{ domain: 'a,b' }] },
      'sites[0].domain: must hold no blanks and no commas',
    ],
    ['another way with bots', withSite({ bots: 'keep' }), 'sites[0].bots: '],
    [
      'a rule that is no address',
      withSite({ shields: { ips: ['1.2.3.4', 'x'] } }),
      'sites[0].shields.ips[1]: must be an IP address or a CIDR range',
    ],
    ['a number as an address', withSite({ shields: { ips: ['1'] } }), 'sites[0].shields.ips[0]: must be'],
    [
      'an address with a zone',
      withSite({ shields: { ips: ['fe80::1%eth0'] } }),
      'sites[0].shields.ips[0]: must be',
    ],
    ['a prefix too long', withSite({ shields: { ips: ['1.2.3.4/33'] } }), 'sites[0].shields.ips[0]: must be'],
    [
      'a small country',
      withSite({ shields: { countries: ['fr'] } }),
      'sites[0].shields.countries[0]: must be an ISO 3166-1 alpha-2 code',
    ],
    [
      'a page without a slash',
      withSite({ shields: { pages: ['admin'] } }),
      'sites[0].shields.pages[0]: must start with /',
    ],
    [
      'a page too long',
      withSite({ shields: { pages: [`/${'a'.repeat(250)}`] } }),
      'sites[0].shields.pages[0]: at most 250 characters',
    ],
    [
      '31 addresses',
      withSite({ shields: { ips: rule(31, (i) => `1.1.1.${String(i)}`) } }),
      'sites[0].shields.ips: at most 30 rules',
    ],
    [
      '31 countries',
      withSite({ shields: { countries: rule(31, () => 'FR') } }),
      'sites[0].shields.countries: at most 30 rules',
    ],
    [
      '31 pages',
      withSite({ shields: { pages: rule(31, (i) => `/${String(i)}`) } }),
      'sites[0].shields.pages: at most 30 rules',
    ],
    [
      '11 hostnames',
      withSite({ shields: { hostnames: rule(11, (i) => `a${String(i)}`) } }),
      'sites[0].shields.hostnames: at most 10 rules',
    ],
    [
      'an unknown currency',
      withSite({ goals: [{ eventName: 'a', currency: 'XYZ' }] }),
      'sites[0].goals[0].currency: must be an ISO 4217 code',
    ],
    [
      'a rate of nothing',
      withSite({ rateLimit: { eventsPerSecond: 0 } }),
      'sites[0].rateLimit.eventsPerSecond: ',
    ],
    [
      'a key with a blank',
      withSite({ successeve: { apiTokens: ['a b'] } }),
      'sites[0].successeve.apiTokens[0]: must hold no blanks',
    ],
    ['a text as a list id', withSite({ octeth: { listIds: ['94'] } }), 'sites[0].octeth.listIds[0]: '],
    ['a list', [], ''],
    ['null', null, ''],
  ])('refuses %s', (_, file, expected) => {
    const message = refusal(JSON.stringify(file))
    expect(message).toContain(expected)
    expect(message).toMatch(/^[^\n]+$/)
  })

  it.each<[string, unknown, string]>([
    [
      'a domain',
      { sites: [{ domain: 'a' }, { domain: 'b' }, { domain: ' www.a' }] },
      'sites[2].domain: repeats sites[0].domain',
    ],
    [
      'a goal',
      withSite({ goals: [{ eventName: 'x' }, { eventName: 'x' }] }),
      'sites[0].goals[1]: repeats sites[0].goals[0]',
    ],
    [
      'a site code',
      {
        sites: [
          { domain: 'a', kameleoon: { siteCodes: ['s3cret'] } },
          { domain: 'b', kameleoon: { siteCodes: ['x', 's3cret'] } },
        ],
      },
      'sites[1].kameleoon.siteCodes[1]: repeats sites[0].kameleoon.siteCodes[0]',
    ],
    [
      'a list id',
      {
        sites: [
          { domain: 'a', octeth: { listIds: [94] } },
          { domain: 'b', octeth: { listIds: [94] } },
        ],
      },
      'sites[1].octeth.listIds[0]: repeats sites[0].octeth.listIds[0]',
    ],
    [
      'a token',
      withSite({ successeve: { apiTokens: ['s3cret', 's3cret'] } }),
      'sites[0].successeve.apiTokens[1]: repeats sites[0].successeve.apiTokens[0]',
    ],
    [
      'an API key',
      { octeth: { apiKeys: ['s3cret', 's3cret'] } },
      'octeth.apiKeys[1]: repeats octeth.apiKeys[0]',
    ],
    [
      'a session id',
      { octeth: { sessionIds: ['s3cret', 's3cret'] } },
      'octeth.sessionIds[1]: repeats octeth.sessionIds[0]',
    ],
  ])('refuses %s given twice, without quoting it', (_, file, expected) => {
    const message = refusal(JSON.stringify(file))
    expect(message).toMatch(/^[^(]+ \(line 1, column \d+\)$/)
    expect(message.replace(/ \(.*/, '')).toBe(expected)
    expect(message).not.toContain('s3cret')
  })

  it('accepts the limits themselves', () => {
    const shields = {
      ips: rule(30, (i) => `1.1.1.${String(i)}`),
      countries: rule(30, () => 'FR'),
      pages: rule(30, (i) => `/${String(i)}`),
      hostnames: rule(10, (i) => `a${String(i)}`),
    }
    expect(parse(withSite({ shields })).sites).toHaveLength(1)
  })

  it('names several problems in one line, and counts the rest', () => {
    const message = refusal(JSON.stringify({ sites: Array.from({ length: 8 }, () => ({})) }))
    expect(message.split('; ')).toHaveLength(6)
    expect(message).toMatch(/; and 3 more$/)
  })

  it.each<[string, string, string]>([
    ['a list that is not closed', '["s3cret" }', 'is not JSON: expected a comma or ] (line 3, column 36)'],
    ['no list', 's3cret', 'is not JSON: expected a value (line 3, column 26)'],
    ['an end too early', '["s3cret"', 'is not JSON: expected a comma or ] (line 4, column 1)'],
    ['a key twice', '["s3cret"], "apiKeys": []', 'the object has this key already (line 3, column 38)'],
    ['a number', '94', 'octeth.apiKeys: Invalid input: expected array, received number (line 3, column 26)'],
    [
      'an empty key',
      '[\n    "s3cret",\n    ""]',
      'octeth.apiKeys[1]: Too small: expected string to have >=1 characters (line 5, column 5)',
    ],
    [
      'keys under a wrong name',
      '[],\n    "apikeys": ["s3cret"]',
      'octeth: unknown key "apikeys" (line 4, column 5)',
    ],
  ])('says in which line %s is wrong, without quoting it', (_, keys, expected) => {
    const message = refusal(`{\n  "sites": [],\n  "octeth": { "apiKeys": ${keys}\n}\n}`)
    expect(message).toContain(expected)
    expect(message).not.toContain('s3cret')
  })

  it('names the line of the site that lacks a field', () => {
    expect(refusal('{ "sites": [\n{ "domain": "a" },\n  { "bots": "mark" } ] }')).toMatch(
      /^sites\[1\]\.domain: .* \(line 3, column 3\)$/,
    )
  })
})

describe('find', () => {
  const named = parse({ sites: [{ domain: 'www.Example.com' }, { domain: 'constructor' }] })

  it.each<[string, string | undefined]>([
    ['Example.com', 'Example.com'],
    ['www.Example.com', 'Example.com'],
    [' Example.com ', 'Example.com'],
    ['example.com', undefined],
    ['a.Example.com', undefined],
    ['constructor', 'constructor'],
    ['toString', undefined],
    ['', undefined],
  ])('%j is the site %s', (domain, expected) => {
    expect(named.find(domain)?.domain).toBe(expected)
  })

  it('accepts unknown sites without rules where the file says so', () => {
    const open = parse({ acceptUnknownSites: true, sites: [{ domain: 'a', bots: 'mark' }] })
    expect(open.find('a')?.bots).toBe('mark')
    expect(open.find('www.b')).toMatchObject({ domain: 'b', bots: 'drop', rateLimit: undefined })
    expect(open.acceptsAll).toBe(false)
  })

  it('accepts every site without a file, but not the empty one', () => {
    const all = acceptAllSites()
    expect(all).toMatchObject({ acceptsAll: true, acceptsUnknownSites: true })
    expect(all.find('any.example')?.domain).toBe('any.example')
    expect(all.find(' ')).toBeUndefined()
  })
})

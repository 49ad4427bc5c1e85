import { describe, expect, test } from 'vitest'
import { ClassTable } from './class-table.ts'
import { parseOperatorList } from './operator-list.ts'

/** Whether an address, or the system that announces it, is on the list. */
function holds(text: string) {
  const table = new ClassTable([{ ipClass: 'threat', list: parseOperatorList(text) }])
  return (ip: string, asn = 0) => table.classes(ip, asn).length > 0
}

const aws = JSON.stringify({
  syncToken: '1700000000',
  createDate: '2026-11-01-00-00-00',
  prefixes: [{ ip_prefix: '3.5.140.0/22', region: 'ap-northeast-2', service: 'AMAZON' }],
  ipv6_prefixes: [{ ipv6_prefix: '2600:1f00::/24', region: 'us-east-1' }],
})
const google = JSON.stringify({
  syncToken: '17',
  prefixes: [
    { ipv4Prefix: '34.80.0.0/15', scope: 'asia-east1' },
    { ipv6Prefix: '2600:1900::/28', scope: 'x' },
  ],
})
const azure = JSON.stringify({
  changeNumber: 1,
  values: [
    {
      name: 'AzureCloud',
      properties: { region: '', addressPrefixes: ['20.33.0.0/16', '2603:1000::/25'] },
    },
  ],
})
const oracle = JSON.stringify({
  regions: [{ region: 'x', cidrs: [{ cidr: '129.146.0.0/21', tags: ['OCI'] }] }],
})
const fastly = JSON.stringify({ addresses: ['23.235.32.0/20'], ipv6_addresses: ['2a04:4e40::/32'] })
const relays = '172.224.224.0/31,GB,GB-EN,London,\r\n2a02:26f7:b048::/64,DE,,,\r\n'
const dropJson = [
  '{"cidr":"1.10.16.0/20","sblid":"SBL256894","rir":"apnic"}',
  '{"cidr":"2a06:f680::/29","sblid":"SBL1","rir":"ripencc"}',
  '{"type":"metadata","timestamp":1700000000,"size":2,"records":2}',
].join('\n')
const asnDropJson =
  '{"asn":213371,"rir":"ripencc","domain":"x","cc":"NL","asname":"ABCConsultancy"}\n{"asn":7,"cc":"US"}'
const torExits =
  'ExitNode 0011BD2485AD45D984EC4159C88FC066E5E3300E\nPublished 2026-11-01 00:00:00\nLastStatus 2026-11-01 01:00:00\n' +
  'ExitAddress 162.247.74.201 2026-11-01 01:05:00\n'

describe('a list is read whatever its form', () => {
  test.each([
    [
      'plain CIDRs (X4B)',
      '1.2.3.0/24\n2001:db8::/32\n',
      ['1.2.3.0', '1.2.3.255', '2001:db8::1'],
      ['1.2.4.0'],
    ],
    ['comments (FireHOL)', '# Name\n#\n5.6.7.8\n5.6.8.0/23 # note\n', ['5.6.7.8', '5.6.9.9'], ['5.6.7.9']],
    ['Spamhaus DROP, text', '; Spamhaus\n1.10.16.0/20 ; SBL256894\n', ['1.10.31.255'], ['1.10.32.0']],
    ['Spamhaus DROP, JSON lines', dropJson, ['1.10.16.0', '2a06:f687:ffff::'], ['1.10.32.0', '2a06:f688::']],
    ["Tor's bulk list", '162.247.74.201\r\n171.25.193.25\r\n', ['171.25.193.25'], ['171.25.193.26']],
    ["Tor's exit addresses", torExits, ['162.247.74.201'], ['162.247.74.200']],
    ['AWS', aws, ['3.5.140.0', '3.5.143.255', '2600:1fff::'], ['3.5.144.0', '2600:2000::']],
    ['Google Cloud', google, ['34.80.0.1', '34.81.255.255', '2600:190f::1'], ['34.82.0.0']],
    ['Azure', azure, ['20.33.7.7', '2603:1000::1'], ['20.34.0.0']],
    ['Oracle', oracle, ['129.146.7.255'], ['129.146.8.0']],
    ['Fastly', fastly, ['23.235.47.1', '2a04:4e40::7'], ['23.235.48.0']],
    ["Apple's relays", relays, ['172.224.224.1', '2a02:26f7:b048::9'], ['172.224.224.2']],
    ['first to last', '9.0.0.5-9.0.0.7\n9.1.0.0 - 9.1.0.3', ['9.0.0.6', '9.1.0.3'], ['9.0.0.8', '9.1.0.4']],
    ['a mapped address', '::ffff:8.8.8.0/120\n', ['8.8.8.8'], ['8.8.9.0']],
    ['bits behind the prefix', '10.1.2.3/8 \n', ['10.255.0.0'], ['11.0.0.0']],
    [
      'the last address',
      '255.255.255.0/24\nffff:ffff:ffff:ffff::/64',
      ['255.255.255.255'],
      ['255.255.254.255'],
    ],
    ['everything', '0.0.0.0/0', ['0.0.0.0', '255.255.255.255'], ['::1']],
    ['overlaps', '1.0.0.0/8\n1.1.0.0/16\n1.1.1.1\n', ['1.0.0.0', '1.1.1.1', '1.255.255.255'], ['2.0.0.0']],
    ['neighbours', '1.0.0.0/9\n1.128.0.0/9\n', ['1.127.255.255', '1.128.0.0'], ['0.255.255.255', '2.0.0.0']],
  ])('%s', (_, text, inside, outside) => {
    const isListed = holds(text)
    for (const ip of inside) expect([ip, isListed(ip)]).toEqual([ip, true])
    for (const ip of outside) expect([ip, isListed(ip)]).toEqual([ip, false])
  })

  test.each([
    ['bad-asn-list', 'ASN,Entity\n174,"Cogent, Inc."\n"9009","M247"\n', [174, 9009]],
    ['X4B ASN.txt', 'AS123 # one\nas456\n', [123, 456]],
    ['Spamhaus ASN-DROP', asnDropJson, [213371, 7]],
  ])('AS numbers of %s', (_, text, numbers) => {
    const isListed = holds(text)
    for (const asn of numbers) expect([asn, isListed('8.8.8.8', asn)]).toEqual([asn, true])
    expect(isListed('8.8.8.8', 1)).toBe(false)
    expect(isListed('8.8.8.8')).toBe(false)
  })
})

test.each([
  ['nothing', ''],
  ['comments alone', '# nothing\n; here\n'],
  ['a page that says no', '<!doctype html>\n<html>\n<h1>403 Forbidden</h1>\n</html>'],
  ['JSON without a range', '{"error":"not found"}'],
  ['JSON cut short', aws.slice(0, 100)],
  ['text', 'hello\nworld\n'],
  ['a list of which a tenth is broken', `${'1.2.3.4\n'.repeat(90)}${'1.2.3.x\n'.repeat(10)}`],
])('refuses %s', (_, text) => {
  expect(() => parseOperatorList(text)).toThrow(
    /^(the list names no address|\d+ of \d+ lines are no address)/,
  )
})

test('passes over a line in a hundred that is no address', () => {
  expect(parseOperatorList(`header\n${'1.2.3.4\n'.repeat(99)}x\n`).ranges).toHaveLength(99)
})

describe('classes of several lists', () => {
  const table = new ClassTable([
    { ipClass: 'threat', list: parseOperatorList('1.0.0.0/24\n2001:db8::/32') },
    { ipClass: 'datacenter', list: parseOperatorList('1.0.0.128/25\nAS7') },
    { ipClass: 'datacenter', list: parseOperatorList('1.0.0.200') },
    { ipClass: 'relay', list: parseOperatorList('2001:db8:1::/48') },
  ])
  test.each([
    ['1.0.0.1', 0, ['threat']],
    ['1.0.0.129', 0, ['datacenter', 'threat']],
    ['1.0.0.200', 0, ['datacenter', 'threat']],
    ['1.0.0.255', 0, ['datacenter', 'threat']],
    ['1.0.1.0', 0, []],
    ['1.0.1.0', 7, ['datacenter']],
    ['1.0.0.1', 7, ['datacenter', 'threat']],
    ['2001:db8:1::1', 0, ['relay', 'threat']],
    ['2001:db8:2::1', 0, ['threat']],
    ['x', 0, []],
    ['', 0, []],
  ])('%s of AS%i: %j', (ip, asn, classes) => {
    expect(table.classes(ip, asn)).toEqual(classes)
  })

  test('agrees with looking through all ranges', () => {
    const lists = ['vpn', 'tor', 'proxy'] as const
    const cidrs = lists.map((_, list) =>
      Array.from(
        { length: 60 },
        (_, i) => `1.${(i * 7 + list * 3) % 9}.${(i * 31) % 256}.0/${16 + ((i + list) % 14)}`,
      ),
    )
    const parsed = cidrs.map((lines, i) => ({
      ipClass: lists[i] ?? 'vpn',
      list: parseOperatorList(lines.join('\n')),
    }))
    const several = new ClassTable(parsed)
    for (let i = 0; i < 3_000; i++) {
      const bits = (1 << 24) + ((i * 7919) % (10 << 16))
      const ip = [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.')
      const expected = parsed.flatMap(({ ipClass, list }) =>
        list.ranges.some((range) => range.family === 4 && range.first <= bits && bits <= range.last)
          ? [ipClass]
          : [],
      )
      expect([ip, several.classes(ip, 0)]).toEqual([ip, expected])
    }
  })
})

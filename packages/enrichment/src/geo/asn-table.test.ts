import { expect, test } from 'vitest'
import { AsnTable } from './asn-table.ts'

const ipv4 = (a: number, b: number, c: number, d: number) => ((a * 256 + b) * 256 + c) * 256 + d
const table = (rows: { ipv4?: string; ipv6?: string }) =>
  new AsnTable({ ipv4: Buffer.from(rows.ipv4 ?? ''), ipv6: Buffer.from(rows.ipv6 ?? '') })

const base6 = 0x20010db8n << 96n
const known = table({
  ipv4: [
    `${ipv4(1, 0, 0, 0)},${ipv4(1, 0, 0, 255)},13335,"Cloudflare, Inc."`,
    `${ipv4(1, 0, 4, 0)},${ipv4(1, 0, 7, 255)},38803,Gtelecom "Pty" Ltd`,
    `${ipv4(255, 255, 255, 0)},${ipv4(255, 255, 255, 255)},4294967295,"The ""last"" one é"`,
  ].join('\n'),
  ipv6: `${base6},${base6 + 0xffffn},64500,Docs\r\n${base6 + (1n << 64n)},${base6 + (2n << 64n) - 1n},64501,More\n`,
})

test.each([
  ['1.0.0.0', { asn: 13335, organization: 'Cloudflare, Inc.' }],
  ['1.0.0.255', { asn: 13335, organization: 'Cloudflare, Inc.' }],
  ['1.0.5.6', { asn: 38803, organization: 'Gtelecom "Pty" Ltd' }],
  ['255.255.255.255', { asn: 4294967295, organization: 'The "last" one é' }],
  ['::ffff:1.0.0.1', { asn: 13335, organization: 'Cloudflare, Inc.' }],
  ['2001:db8::', { asn: 64500, organization: 'Docs' }],
  ['2001:db8::ffff', { asn: 64500, organization: 'Docs' }],
  ['2001:db8:0:1:ffff:ffff:ffff:ffff', { asn: 64501, organization: 'More' }],
])('finds who announces %s', (ip, system) => {
  expect(known.lookup(ip)).toEqual(system)
})

test.each([
  '0.255.255.255',
  '1.0.1.0',
  '1.0.8.0',
  '255.255.254.255',
  '2001:db7::',
  '2001:db8::1:0',
  '2001:db8:0:2::',
  '',
  'x',
])('finds nobody for %j', (ip) => {
  expect(known.lookup(ip)).toBeUndefined()
})

test('an empty table knows nobody', () => {
  expect(table({}).lookup('1.0.0.1')).toBeUndefined()
})

test('of overlapping ranges the one that starts later counts', () => {
  const overlapping = table({ ipv4: '100,200,1,A\n150,300,2,B\n' })
  expect(overlapping.lookup('0.0.0.140')?.asn).toBe(1)
  expect(overlapping.lookup('0.0.0.160')?.asn).toBe(2)
})

test.each([
  ['a header', 'start,end,asn,org'],
  ['a short row', '1,2,3'],
  ['dotted addresses', '1.0.0.0,1.0.0.255,13335,x'],
  ['an address too large', '4294967296,4294967297,1,x'],
  ['a number too large', '1,2,4294967296,x'],
  ['rows out of order', '5,6,1,x\n1,2,1,x'],
])('refuses %s, by its row', (_, text) => {
  expect(() => table({ ipv4: text })).toThrow(/^asn table: row \d is not an ascending/)
})

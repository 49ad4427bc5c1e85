import ipaddr from 'ipaddr.js'
import { expect, test } from 'vitest'
import { canonicalIp, parseIpAddress } from './ip-address.ts'

test.each([
  ['81.2.69.142', '81.2.69.142'],
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
  ['::ffff:81.2.69.142', '81.2.69.142'],
  ['::FFFF:5102:458e', '81.2.69.142'],
  ['2001:0DB8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
  ['::1', '::1'],
  ['fe80::1%eth0', 'fe80::1'],
])('spells %s as %s', (text, canonical) => {
  expect(canonicalIp(text)).toBe(canonical)
})

test.each([
  '',
  'unknown',
  '1.2.3',
  '1.2.3.4.5',
  '256.1.1.1',
  '01.2.3.4',
  '1.2.3.',
  '1..2.3',
  '0x7f.0.0.1',
  ' 1.2.3.4',
  '1.2.3.4:80',
  '[::1]',
  'g::1',
  '::1::',
])('takes %j for no address', (text) => {
  expect(canonicalIp(text)).toBeUndefined()
  expect(parseIpAddress(text)).toBeUndefined()
})

test('reads addresses as numbers, mapped ones as IPv4', () => {
  expect(parseIpAddress('1.2.3.4')).toEqual({ family: 4, bits: 0x01020304 })
  expect(parseIpAddress('::ffff:255.255.255.255')).toEqual({ family: 4, bits: 0xffffffff })
  expect(parseIpAddress('2001:db8::1')).toEqual({ family: 6, parts: [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1] })
})

test('reads and spells every pattern of zeros, compressed at every place, as ipaddr.js does', () => {
  for (let pattern = 0; pattern < 2 ** 8; pattern++) {
    const parts = Array.from({ length: 8 }, (_, at) => ((pattern >> at) & 1) * (0xabcd >> (at * 2)))
    const words = parts.map((part) => part.toString(16))
    const texts = [
      words.join(':'),
      words.join(':').toUpperCase(),
      words.map((word) => word.padStart(4, '0')).join(':'),
    ]
    for (let from = 0; from < 8; from++) {
      for (let to = from + 1; to <= 8 && parts[to - 1] === 0; to++) {
        texts.push(`${words.slice(0, from).join(':')}::${words.slice(to).join(':')}`)
      }
    }
    for (const text of texts) {
      expect([text, parseIpAddress(text)]).toEqual([text, { family: 6, parts }])
      expect([text, canonicalIp(text)]).toEqual([text, ipaddr.IPv6.parse(text).toString()])
    }
  }
})

test.each([
  ['1:2:3:4:5:6:7.8.9.10', '1:2:3:4:5:6:708:90a'],
  ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
  ['::255.254.253.252', '::fffe:fdfc'],
  ['0:0:0:0:0:ffff:1.2.3.4', '1.2.3.4'],
  ['::ffff:ffff:ffff', '255.255.255.255'],
  ['::ffff:1.2.3.4%1', '1.2.3.4'],
  ['::fffe:1.2.3.4', '::fffe:102:304'],
  ['::', '::'],
])('spells %s, whose tail may be IPv4, as %s', (text, canonical) => {
  expect(canonicalIp(text)).toBe(canonical)
})

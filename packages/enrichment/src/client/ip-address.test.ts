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

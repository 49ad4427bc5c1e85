import { BlockList } from 'node:net'
import { describe, expect, test } from 'vitest'
import { defaultTrustedProxies, parseTrustedProxies, trustedProxiesMax } from './trusted-proxies.ts'

describe('the default list', () => {
  const proxies = parseTrustedProxies(defaultTrustedProxies)
  test.each([
    '127.0.0.1',
    '127.255.0.9',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '::1',
    'fd00::1',
    '::ffff:10.0.0.1',
  ])('trusts %s', (address) => {
    expect(proxies.has(address)).toBe(true)
  })
  test.each([
    '126.255.255.255',
    '128.0.0.1',
    '172.15.255.255',
    '172.32.0.0',
    '8.8.8.8',
    '::2',
    'fe80::1',
    '2001:db8::1',
    '::ffff:8.8.8.8',
    '',
    'x',
  ])('does not trust %j', (address) => {
    expect(proxies.has(address)).toBe(false)
  })
})

test.each([
  ['8.8.8.8', '8.8.8.8', '8.8.8.9'],
  ['203.0.113.77/24', '203.0.113.1', '203.0.114.1'],
  ['0.0.0.0/0', '255.255.255.255', '::1'],
  ['128.0.0.0/1', '200.1.1.1', '127.255.255.255'],
  ['2001:db8::/33', '2001:db8:7fff::1', '2001:db8:8000::1'],
  ['2001:db8::/32', '2001:db8:ffff::', '2001:db9::'],
  ['2001:db8::1', '2001:db8::1', '2001:db8::2'],
  ['::/0', '2001:db8::1', '1.2.3.4'],
  ['::ffff:10.0.0.0/104', '10.9.9.9', '11.0.0.0'],
  ['::ffff:10.0.0.1', '10.0.0.1', '10.0.0.2'],
  [' 10.0.0.0/8 ', '10.0.0.1', '11.0.0.0'],
])('%s holds %s and not %s', (cidr, inside, outside) => {
  const proxies = parseTrustedProxies([cidr])
  expect(proxies.has(inside)).toBe(true)
  expect(proxies.has(outside)).toBe(false)
})

test.each([
  ['', 'trusted proxies: "" is not an address or CIDR'],
  ['localhost', 'trusted proxies: "localhost" is not an address or CIDR'],
  ['10.0.0.0/33', 'trusted proxies: "10.0.0.0/33" has an impossible prefix length'],
  ['::/129', 'trusted proxies: "::/129" has an impossible prefix length'],
  ['::ffff:10.0.0.0/95', 'trusted proxies: "::ffff:10.0.0.0/95" has an impossible prefix length'],
  ['10.0.0.0/', 'trusted proxies: "10.0.0.0/" has an impossible prefix length'],
  ['10.0.0.0/-1', 'trusted proxies: "10.0.0.0/-1" has an impossible prefix length'],
])('refuses %j in one line', (cidr, message) => {
  expect(() => parseTrustedProxies(['127.0.0.1', cidr])).toThrow(new Error(message))
})

test('refuses a list without end', () => {
  const many = Array.from({ length: trustedProxiesMax + 1 }, () => '10.0.0.1')
  expect(() => parseTrustedProxies(many)).toThrow('1001 entries, at most 1000')
})

test('holds what Node holds for the same subnets', () => {
  const random = seeded(1)
  const ipv4 = () => Array.from({ length: 4 }, () => String(random(256))).join('.')
  // Few values a part, so that addresses are often in a subnet.
  const ipv6 = () =>
    Array.from({ length: 8 }, () => [0, 1, 0x8000, 0xffff][random(4)]?.toString(16)).join(':')
  for (let round = 0; round < 300; round++) {
    const [a, b] = [ipv4(), ipv6()]
    const [bitsA, bitsB] = [random(33), random(129)]
    const proxies = parseTrustedProxies([`${a}/${bitsA}`, `${b}/${bitsB}`])
    // One list each: Node holds IPv4 for a part of ::/0, too.
    const [subnetsA, subnetsB] = [new BlockList(), new BlockList()]
    subnetsA.addSubnet(a, bitsA, 'ipv4')
    subnetsB.addSubnet(b, bitsB, 'ipv6')
    for (const address of [a, ipv4(), nextTo(a, 1), nextTo(a, -1)]) {
      const isInside = subnetsA.check(address, 'ipv4')
      const found = [proxies.has(address), proxies.has(`::ffff:${address}`)]
      expect([address, a, bitsA, ...found]).toEqual([address, a, bitsA, isInside, isInside])
    }
    for (const address of [b, ipv6(), b.replace(/[^:]+$/, '7')]) {
      const isInside = subnetsB.check(address, 'ipv6')
      expect([address, b, bitsB, proxies.has(address)]).toEqual([address, b, bitsB, isInside])
    }
  }
})

/** The address so many /24 further on. */
function nextTo(ipv4: string, step: number): string {
  const [first = '', second = '', third = '', fourth = ''] = ipv4.split('.')
  return [first, second, String((Number(third) + step + 256) % 256), fourth].join('.')
}

function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Addresses } from './addresses.ts'
import { worldNetworks } from './networks.ts'
import { TrafficRandom } from './random.ts'

const draws = 20_000

function drawn(seed = 5) {
  const addresses = new Addresses()
  const random = new TrafficRandom(seed)
  return Array.from({ length: draws }, () => addresses.draw(random))
}

describe('addresses', () => {
  const origins = drawn()

  it('are the same for the same seed, and hardly ever twice', () => {
    expect(drawn()).toEqual(origins)
    expect(new Set(origins.map(({ ip }) => ip)).size).toBeGreaterThan(draws * 0.99)
  })

  it('lie in a network of their country', () => {
    const lists = new Map<string, BlockList>()
    for (const { country, ipv4, ipv6 } of worldNetworks()) {
      const list = lists.get(country) ?? new BlockList()
      lists.set(country, list)
      for (const { parts, bits } of ipv4) list.addSubnet(parts.join('.'), bits, 'ipv4')
      for (const { parts, bits } of ipv6)
        list.addSubnet(parts.map((part) => part.toString(16)).join(':'), bits, 'ipv6')
    }
    for (const { country, ip, isIpv6 } of origins) {
      expect(isIpv6 ? isIPv6(ip) : isIPv4(ip), ip).toBe(true)
      expect(lists.get(country)?.check(ip, isIpv6 ? 'ipv6' : 'ipv4'), `${ip} in ${country}`).toBe(true)
    }
  })

  it('come by the weight of their countries, and about two in five over IPv6', () => {
    const shareOf = (country: string) => origins.filter((origin) => origin.country === country).length / draws
    expect(shareOf('US')).toBeGreaterThan(0.2)
    expect(shareOf('US')).toBeLessThan(0.28)
    expect(shareOf('CH')).toBeGreaterThan(0.005)
    expect(shareOf('CH')).toBeLessThan(0.016)
    const ipv6 = origins.filter(({ isIpv6 }) => isIpv6).length / draws
    expect(ipv6).toBeGreaterThan(0.3)
    expect(ipv6).toBeLessThan(0.5)
  })
})

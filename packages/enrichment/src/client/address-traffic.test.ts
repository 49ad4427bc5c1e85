import { expect, test } from 'vitest'
import { AddressTraffic, type AddressShares } from './address-traffic.ts'

function sharesOf(addresses: readonly string[], windowEvents = addresses.length): AddressShares[] {
  const windows: AddressShares[] = []
  const traffic = new AddressTraffic({ windowEvents, onWindow: (shares) => windows.push(shares) })
  for (const ip of addresses) traffic.count(ip, !ip.startsWith('10.') && ip !== '')
  return windows
}

const distinct = (count: number, from = 0): string[] =>
  Array.from(
    { length: count },
    (_, i) => `2.${(i + from) >> 16}.${((i + from) >> 8) % 256}.${(i + from) % 256}`,
  )
const times = (count: number, ip: string): string[] => Array.from({ length: count }, () => ip)

test('says nothing before a window is full', () => {
  expect(sharesOf(distinct(999), 1_000)).toEqual([])
})

test.each([
  ['one address alone', times(1_000, '1.1.1.1'), 1, 0],
  ['a proxy of a private network', times(1_000, '10.0.0.1'), 1, 1],
  ['nobody knows whose', times(1_000, ''), 1, 1],
  ['every visitor once', distinct(1_000), 0, 0],
  ['private and public', [...times(300, '10.0.0.1'), ...distinct(700)], 0.3, 0.3],
])('%s', (_, addresses, busiest, nonPublic) => {
  const [shares] = sharesOf(addresses)
  expect(shares?.busiest).toBeLessThanOrEqual(busiest + 0.01)
  expect(shares?.busiest).toBeGreaterThanOrEqual(busiest - 0.01)
  expect(shares?.nonPublic).toBe(nonPublic)
})

test('finds the busy address among many others, wherever it stands', () => {
  const others = distinct(8_000)
  const mixed = others.flatMap((ip, index) => (index % 4 === 0 ? [ip, '1.1.1.1'] : [ip]))
  const [shares] = sharesOf(mixed)
  expect(shares?.busiest).toBeGreaterThan(0.19)
  expect(shares?.busiest).toBeLessThanOrEqual(0.2)
})

test('remembers a hundred addresses, however many come', () => {
  const traffic = new AddressTraffic({ windowEvents: 100_000, onWindow: () => undefined })
  let most = 0
  for (const ip of distinct(20_000)) {
    traffic.count(ip, true)
    most = Math.max(most, traffic.remembered)
  }
  expect(most).toBe(100)
})

test('each window begins anew', () => {
  const windows = sharesOf([...times(100, '10.0.0.1'), ...distinct(100)], 100)
  expect(windows.map(({ nonPublic }) => nonPublic)).toEqual([1, 0])
  expect(windows[1]?.busiest).toBeLessThanOrEqual(0.01)
})

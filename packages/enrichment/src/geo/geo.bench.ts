/** What one look-up costs: of an address seen before, of a new one, and each part alone; memory with all data is printed. */
import { memoryUsage } from 'node:process'
import { bench, describe } from 'vitest'
import { ClassTable } from './class-table.ts'
import { packagedAsn, packagedCities } from './geo-files.ts'
import { Geo } from './geo.ts'
import { placeOf } from './geo-record.ts'
import { parseOperatorList } from './operator-list.ts'
import { openPlaceNames } from './place-names.ts'
import { seededRandom } from '../test-stream.ts'

const addressesCount = 200_000
const seenCount = 5_000
const listRanges = 30_000

const before = memoryUsage()
const [cities, systems, names] = await Promise.all([packagedCities(), packagedAsn(), openPlaceNames()])
const table = new ClassTable([{ ipClass: 'datacenter', list: parseOperatorList(someRanges()) }])
const sources = {
  place: (ip: string) => placeOf(cities.get(ip), names),
  autonomousSystem: (ip: string) => systems.get(ip),
  anonymity: () => undefined,
  listed: (ip: string, asn: number) => table.classes(ip, asn),
  version: 'bench',
}
const after = memoryUsage()
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`
process.stdout.write(
  `memory with all data: heap ${megabytes(after.heapUsed - before.heapUsed)}, outside it ${megabytes(after.arrayBuffers - before.arrayBuffers)}\n`,
)

const random = seededRandom(1)
const ipv4 = addresses(() => Array.from({ length: 4 }, () => 1 + Math.floor(random() * 222)).join('.'))
const ipv6 = addresses(
  () => `2a01:${Math.floor(random() * 65536).toString(16)}::${Math.floor(random() * 65536).toString(16)}`,
)

/** Runs once an iteration on the next address. */
function onEach(items: readonly string[], run: (ip: string) => unknown): () => void {
  let next = 0
  return () => {
    run(items[next++ % items.length] ?? '')
  }
}

const time = { time: 1_000 }

describe('all facts of an address', () => {
  const geo = new Geo(sources)
  const uncached = new Geo(sources, { cacheEntriesMax: 1 })
  bench(
    'seen before',
    onEach(ipv4.slice(0, seenCount), (ip) => geo.lookup(ip)),
    time,
  )
  bench(
    'new, IPv4',
    onEach(ipv4, (ip) => uncached.lookup(ip)),
    time,
  )
  bench(
    'new, IPv6',
    onEach(ipv6, (ip) => uncached.lookup(ip)),
    time,
  )
})

describe('one part of a new address', () => {
  bench(
    'record of the city file',
    onEach(ipv4, (ip) => cities.get(ip)),
    time,
  )
  bench('place with its codes', onEach(ipv4, sources.place), time)
  bench('network', onEach(ipv4, sources.autonomousSystem), time)
  bench('network, IPv6', onEach(ipv6, sources.autonomousSystem), time)
  bench(
    'classes of lists',
    onEach(ipv4, (ip) => table.classes(ip, 0)),
    time,
  )
})

function addresses(make: () => string): string[] {
  return Array.from({ length: addressesCount }, make)
}

function someRanges(): string {
  return Array.from(
    { length: listRanges },
    (_, i) => `${1 + (i % 220)}.${(i * 7) % 256}.${(i * 13) % 256}.0/24`,
  ).join('\n')
}

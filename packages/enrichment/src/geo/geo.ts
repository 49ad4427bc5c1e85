import { LRUCache } from 'lru-cache'
import ipaddr from 'ipaddr.js'
import type { AutonomousSystem } from './asn-table.ts'
import { nowhere, placeOf, type Place } from './geo-record.ts'
import { anonymityClasses, isDatacenter, orderedClasses, type IpClass } from './ip-class.ts'

/** How many addresses' facts are remembered; about 300 bytes each. */
export const geoCacheEntriesMax = 50_000

/** All that the databases say of an address. */
export interface GeoFacts extends Place {
  /** Autonomous system number, or 0. */
  readonly asn: number
  readonly asOrganization: string
}

/** The databases a `Geo` asks, each by canonical address. */
export interface GeoSources {
  /** A City record of any shape, or undefined. */
  readonly place: (ip: string) => unknown
  readonly autonomousSystem: (ip: string) => AutonomousSystem | undefined
  /** An anonymity record, or undefined. */
  readonly anonymity: (ip: string) => unknown
  /** Which data: `city=2026-06-05 asn=2026-06-17`. */
  readonly version: string
}

interface CachedFacts extends GeoFacts {
  readonly classes: readonly IpClass[]
}

/** Place, network and classes of an address. */
export class Geo {
  readonly version: string
  readonly #sources: GeoSources
  readonly #facts: LRUCache<string, CachedFacts>

  constructor(sources: GeoSources, options: { readonly cacheEntriesMax?: number } = {}) {
    this.#sources = sources
    this.version = sources.version
    this.#facts = new LRUCache({ max: options.cacheEntriesMax ?? geoCacheEntriesMax })
  }

  /**
   * Private, loopback and unknown addresses have no facts: empty text and 0.
   * @param ip canonical text, or empty
   */
  lookup(ip: string): GeoFacts {
    return this.#read(ip)
  }

  /** @param ip canonical text, or empty */
  classes(ip: string): readonly IpClass[] {
    return this.#read(ip).classes
  }

  /** Forgets what was looked up. */
  close(): void {
    this.#facts.clear()
  }

  #read(ip: string): CachedFacts {
    let facts = this.#facts.get(ip)
    if (facts === undefined) {
      facts = isPublic(ip) ? factsOf(ip, this.#sources) : unknown
      this.#facts.set(ip, facts)
    }
    return facts
  }
}

const unknown: CachedFacts = { ...nowhere, asn: 0, asOrganization: '', classes: [] }

function factsOf(ip: string, sources: GeoSources): CachedFacts {
  const { asn, organization } = sources.autonomousSystem(ip) ?? { asn: 0, organization: '' }
  const classes = anonymityClasses(sources.anonymity(ip))
  if (isDatacenter(asn, organization)) classes.push('datacenter')
  return {
    ...placeOf(sources.place(ip)),
    asn,
    asOrganization: organization,
    classes: orderedClasses(classes),
  }
}

/** Ranges that mean a different machine in every network; lists of bad addresses name some of them nevertheless. */
const privateRanges: ReadonlySet<string> = new Set([
  'unspecified',
  'private',
  'loopback',
  'linkLocal',
  'uniqueLocal',
  'carrierGradeNat',
])

function isPublic(ip: string): boolean {
  return ipaddr.isValid(ip) && !privateRanges.has(ipaddr.parse(ip).range())
}

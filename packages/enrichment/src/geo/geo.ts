import { LRUCache } from 'lru-cache'
import ipaddr from 'ipaddr.js'
import type { AutonomousSystem } from './asn-table.ts'
import { nowhere, type Place } from './geo-record.ts'
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
  readonly place: (ip: string) => Place
  readonly autonomousSystem: (ip: string) => AutonomousSystem | undefined
  /** An anonymity record, or undefined. */
  readonly anonymity: (ip: string) => unknown
  /** Of the lists that name the address or the system that announces it. */
  readonly listed: (ip: string, asn: number) => readonly IpClass[]
  /** Which data: `city=2026-06-05 asn=2026-06-17`. */
  readonly version: string
}

interface CachedFacts extends GeoFacts {
  readonly classes: readonly IpClass[]
  readonly isPublic: boolean
}

/** Place, network and classes of an address. */
export class Geo {
  #sources: GeoSources
  readonly #facts: LRUCache<string, CachedFacts>

  constructor(sources: GeoSources, options: { readonly cacheEntriesMax?: number } = {}) {
    this.#sources = sources
    this.#facts = new LRUCache({ max: options.cacheEntriesMax ?? geoCacheEntriesMax })
  }

  /** Which data answers now: `city=2026-06-05 asn=2026-06-17`. */
  get version(): string {
    return this.#sources.version
  }

  /** Asks other databases from the next event on; what the old ones said is forgotten. */
  use(sources: GeoSources): void {
    this.#sources = sources
    this.#facts.clear()
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

  /** Whether the address belongs to somebody: it is not private, reserved or none at all. */
  isPublic(ip: string): boolean {
    return this.#read(ip).isPublic
  }

  #read(ip: string): CachedFacts {
    let facts = this.#facts.get(ip)
    if (facts === undefined) {
      facts = isPublicAddress(ip) ? factsOf(ip, this.#sources) : unknown
      this.#facts.set(ip, facts)
    }
    return facts
  }
}

const unknown: CachedFacts = { ...nowhere, asn: 0, asOrganization: '', classes: [], isPublic: false }

function factsOf(ip: string, sources: GeoSources): CachedFacts {
  const { asn, organization } = sources.autonomousSystem(ip) ?? { asn: 0, organization: '' }
  const classes = [...anonymityClasses(sources.anonymity(ip)), ...sources.listed(ip, asn)]
  if (isDatacenter(asn, organization)) classes.push('datacenter')
  return {
    ...sources.place(ip),
    asn,
    asOrganization: organization,
    classes: orderedClasses(classes),
    isPublic: true,
  }
}

/**
 * Ranges that mean a different machine in every network, or none: databases and lists of bad addresses name some of them
 * nevertheless.
 */
const nobodysRanges: ReadonlySet<string> = new Set([
  'unspecified',
  'private',
  'loopback',
  'linkLocal',
  'uniqueLocal',
  'deprecatedSiteLocal',
  'carrierGradeNat',
  'broadcast',
  'multicast',
  'benchmarking',
  'discard',
  'reserved',
])

/** Whether an address, canonical, belongs to somebody. */
export function isPublicAddress(ip: string): boolean {
  return ipaddr.isValid(ip) && !nobodysRanges.has(ipaddr.parse(ip).range())
}

import { LRUCache } from 'lru-cache'
import { isPublicAddress } from '../client/public-address.ts'
import { TextCache } from '../client/text-cache.ts'
import type { AutonomousSystem } from './asn-table.ts'
import { nowhere, type Place } from './geo-record.ts'
import { anonymityClasses, isDatacenter, orderedClasses, type IpClass } from './ip-class.ts'

/** How many addresses' facts are remembered, and in how many bytes. */
export const geoCacheEntriesMax = 50_000
export const geoCacheBytesMax = 25_000_000

/** How many systems are remembered to be datacenters or not; a busy site sees 20,000. */
const systemsMax = 20_000

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
  readonly #facts: TextCache<CachedFacts>
  /** By AS number: names are looked through once. */
  readonly #datacenters = new LRUCache<number, boolean>({ max: systemsMax })
  /** The address that was asked for last: one event asks three times. */
  #last: { readonly ip: string; readonly facts: CachedFacts } = { ip: '', facts: unknown }

  constructor(sources: GeoSources, options: { readonly cacheEntriesMax?: number } = {}) {
    this.#sources = sources
    this.#facts = new TextCache({
      entriesMax: options.cacheEntriesMax ?? geoCacheEntriesMax,
      bytesMax: geoCacheBytesMax,
    })
  }

  /** Which data answers now: `city=2026-06-05 asn=2026-06-17`. */
  get version(): string {
    return this.#sources.version
  }

  /** Asks other databases from the next event on; what the old ones said is forgotten. */
  use(sources: GeoSources): void {
    this.#sources = sources
    this.#facts.clear()
    this.#last = { ip: '', facts: unknown }
    this.#datacenters.clear()
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
    if (ip === this.#last.ip) return this.#last.facts
    let facts = this.#facts.get(ip)
    if (facts === undefined) {
      facts = isPublicAddress(ip) ? this.#lookUp(ip) : unknown
      this.#facts.set(ip, facts)
    }
    this.#last = { ip, facts }
    return facts
  }

  #lookUp(ip: string): CachedFacts {
    const sources = this.#sources
    const { asn, organization } = sources.autonomousSystem(ip) ?? { asn: 0, organization: '' }
    const classes = [...anonymityClasses(sources.anonymity(ip)), ...sources.listed(ip, asn)]
    if (this.#isDatacenter(asn, organization)) classes.push('datacenter')
    const place = sources.place(ip)
    return {
      country: place.country,
      subdivision1: place.subdivision1,
      subdivision2: place.subdivision2,
      cityGeonameId: place.cityGeonameId,
      city: place.city,
      asn,
      asOrganization: organization,
      classes: orderedClasses(classes),
      isPublic: true,
    }
  }

  #isDatacenter(asn: number, organization: string): boolean {
    let known = this.#datacenters.get(asn)
    if (known === undefined) {
      known = isDatacenter(asn, organization)
      this.#datacenters.set(asn, known)
    }
    return known
  }
}

const unknown: CachedFacts = { ...nowhere, asn: 0, asOrganization: '', classes: [], isPublic: false }

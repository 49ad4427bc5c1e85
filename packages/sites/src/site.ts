import { compileIpRules, type IpRules } from './ip-rules.ts'
import type { Pattern } from './pattern.ts'

/** One site and the rules for its events, compiled. */
export interface Site {
  /** Without leading `www.`, case as given. Events carry this name. */
  readonly domain: string
  /** Bots' events are refused, or stored and marked. */
  readonly bots: 'drop' | 'mark'
  readonly shields: Shields
  /** By event name. */
  readonly goals: ReadonlyMap<string, Goal>
  /** Revenue is stored for every event and not only for goals: so for sites without rules of their own. */
  readonly acceptsAllRevenue: boolean
  readonly rateLimit: RateLimit | undefined
  /** Emails are stored as their SHA-256, or as they are. */
  readonly emails: 'hash' | 'clear'
  readonly keys: SiteKeys
}

export interface Shields {
  readonly ips: IpRules
  /** ISO 3166-1 alpha-2, or `A1` for an anonymous VPN. */
  readonly countries: ReadonlySet<string>
  readonly pages: readonly Pattern[]
  /** An allowlist: when it has rules, one must match. */
  readonly hostnames: readonly Pattern[]
}

export interface Goal {
  readonly eventName: string
  /** ISO 4217. A goal without it has no revenue. */
  readonly currency: string | undefined
}

export interface RateLimit {
  readonly eventsPerSecond: number
  /** Events that may come at once after a silence. */
  readonly burst: number
}

/** What keyed protocols call the site by. */
export interface SiteKeys {
  readonly kameleoonSiteCodes: readonly string[]
  readonly octethListIds: readonly number[]
  readonly successeveApiTokens: readonly string[]
}

const noShields: Shields = { ips: compileIpRules([]), countries: new Set(), pages: [], hostnames: [] }
const noGoals: ReadonlyMap<string, Goal> = new Map()
const noKeys: SiteKeys = { kameleoonSiteCodes: [], octethListIds: [], successeveApiTokens: [] }

/** A site that no file describes: no shields, no limit, all revenue. */
export function siteWithoutRules(domain: string): Site {
  return {
    domain,
    bots: 'drop',
    shields: noShields,
    goals: noGoals,
    acceptsAllRevenue: true,
    rateLimit: undefined,
    emails: 'hash',
    keys: noKeys,
  }
}

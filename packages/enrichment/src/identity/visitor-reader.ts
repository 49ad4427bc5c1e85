import type { ClientHints } from '@millrace/events'
import { TextCache } from '../client/text-cache.ts'
import type { UserAgentFacts, UserAgentReader } from '../client/user-agent-reader.ts'
import { siphash24Hex } from './siphash24.ts'
import { userIdMessage, type UserIdParts } from './user-id.ts'

/** How many visitors are remembered, in how many bytes, and how long what tells one may be to be worth it, in characters. */
export const visitorsEntriesMax = 50_000
export const visitorsBytesMax = 60_000_000
export const visitorCharsMax = 1_000

/** What tells anonymous visitors apart, and their browser's hints. */
export interface Visitor extends UserIdParts {
  readonly clientHints?: ClientHints | undefined
}

/** An anonymous visitor's id under the day's salt, and under that of the day before; and what the visitor came with. */
export interface VisitorFacts {
  readonly userId: string
  readonly previousUserId: string
  readonly device: UserAgentFacts
}

/** Salts of a day and of the day before it, 16 bytes each. */
export interface SaltPair {
  readonly salt: Buffer
  readonly previousSalt: Buffer
}

interface KnownVisitor {
  readonly visitor: Visitor
  readonly facts: VisitorFacts
}

type Known = TextCache<KnownVisitor>

/**
 * Ids and device of anonymous visitors, with a memory: a visitor's events follow each other. It holds addresses beside ids,
 * so it lives no longer than its salts do: it hangs on them, and goes when nobody else holds either.
 */
export class VisitorReader {
  readonly #userAgents: UserAgentReader
  #known = new WeakMap<Buffer, WeakMap<Buffer, Known>>()

  constructor(userAgents: UserAgentReader) {
    this.#userAgents = userAgents
  }

  read(visitor: Visitor, salts: SaltPair): VisitorFacts {
    const known = this.#knownUnder(salts)
    const key = shortKey(visitor)
    const found = known.get(key)
    if (found !== undefined && isSame(found.visitor, visitor)) return found.facts
    const facts = this.#factsOf(visitor, salts)
    const { ip, site, hostname, userAgent, clientHints } = visitor
    const chars = charsOf(visitor)
    if (chars <= visitorCharsMax) {
      known.set(key, { visitor: { ip, site, hostname, userAgent, clientHints }, facts }, 2 * chars)
    }
    return facts
  }

  /** One pair is remembered at a time: days follow each other too. */
  #knownUnder({ salt, previousSalt }: SaltPair): Known {
    let known = this.#known.get(salt)?.get(previousSalt)
    if (known === undefined) {
      known = new TextCache({ entriesMax: visitorsEntriesMax, bytesMax: visitorsBytesMax })
      this.#known = new WeakMap([[salt, new WeakMap([[previousSalt, known]])]])
    }
    return known
  }

  #factsOf(visitor: Visitor, { salt, previousSalt }: SaltPair): VisitorFacts {
    const message = userIdMessage(visitor)
    return {
      userId: siphash24Hex(salt, message),
      previousUserId: siphash24Hex(previousSalt, message),
      device: this.#userAgents.read(visitor.userAgent, visitor.clientHints),
    }
  }
}

/** Few visitors share it, and those are told apart by `isSame`: comparing user agents takes less than hashing them. */
function shortKey({ ip, site, userAgent }: Visitor): string {
  return `${ip} ${userAgent.length} ${site}`
}

function isSame(one: Visitor, other: Visitor): boolean {
  return (
    one.userAgent === other.userAgent &&
    one.ip === other.ip &&
    one.site === other.site &&
    one.hostname === other.hostname &&
    areSameHints(one.clientHints, other.clientHints)
  )
}

function areSameHints(one: ClientHints | undefined, other: ClientHints | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return (
    one.brands === other.brands &&
    one.platform === other.platform &&
    one.platformVersion === other.platformVersion &&
    one.model === other.model &&
    one.mobile === other.mobile
  )
}

/** Of the texts that an entry keeps besides its key. */
function charsOf({ ip, site, hostname, userAgent, clientHints = {} }: Visitor): number {
  const { brands = '', platform = '', platformVersion = '', model = '', mobile = '' } = clientHints
  const hints = brands.length + platform.length + platformVersion.length + model.length + mobile.length
  return ip.length + site.length + hostname.length + userAgent.length + hints
}

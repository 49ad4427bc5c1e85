import { TextCache } from '../client/text-cache.ts'
import { siphash24Hex } from './siphash24.ts'
import { userIdMessage, type UserIdParts } from './user-id.ts'

/** How many visitors' ids are remembered, and in how many bytes. */
export const visitorIdsEntriesMax = 50_000
export const visitorIdsBytesMax = 40_000_000

/** An anonymous visitor's id under the day's salt, and under that of the day before. */
export interface VisitorIds {
  readonly userId: string
  readonly previousUserId: string
}

/** Salts of a day and of the day before it, 16 bytes each. */
export interface SaltPair {
  readonly salt: Buffer
  readonly previousSalt: Buffer
}

type Known = TextCache<VisitorIds>

/**
 * `userId` under two salts, with a memory: a visitor's events follow each other. It holds addresses beside ids, so it lives
 * no longer than its salts do: it hangs on them, and goes when nobody else holds either.
 */
export class VisitorIdReader {
  #known = new WeakMap<Buffer, WeakMap<Buffer, Known>>()

  read(visitor: UserIdParts, salts: SaltPair): VisitorIds {
    const known = this.#knownUnder(salts)
    const key = visitorKey(visitor)
    let ids = known.get(key)
    if (ids === undefined) {
      ids = idsOf(visitor, salts)
      known.set(key, ids)
    }
    return ids
  }

  /** One pair is remembered at a time: days follow each other too. */
  #knownUnder({ salt, previousSalt }: SaltPair): Known {
    let known = this.#known.get(salt)?.get(previousSalt)
    if (known === undefined) {
      known = new TextCache({ entriesMax: visitorIdsEntriesMax, bytesMax: visitorIdsBytesMax })
      this.#known = new WeakMap([[salt, new WeakMap([[previousSalt, known]])]])
    }
    return known
  }
}

/** With the lengths in front, no two visitors share a key. */
function visitorKey({ ip, site, hostname, userAgent }: UserIdParts): string {
  return `${ip.length} ${site.length} ${hostname.length} ${ip}${site}${hostname}${userAgent}`
}

function idsOf(visitor: UserIdParts, { salt, previousSalt }: SaltPair): VisitorIds {
  const message = userIdMessage(visitor)
  return { userId: siphash24Hex(salt, message), previousUserId: siphash24Hex(previousSalt, message) }
}

import { hash } from 'node:crypto'
import { rootDomain } from './root-domain.ts'
import { siphash24Hex } from './siphash24.ts'
import { storedVisitorId } from './stored-visitor-id.ts'

/** What tells anonymous visitors apart. */
export interface UserIdParts {
  readonly userAgent: string
  readonly ip: string
  readonly site: string
  readonly hostname: string
}

/**
 * Id of an anonymous visitor: SipHash-2-4 under the day's salt over user agent, address, site and root domain, joined
 * without separators, as UTF-8 (Plausible, section 8.1). Subdomains share a visitor, sites never do.
 * @param salt 16 bytes
 * @returns 16 hex digits of the unsigned 64-bit value
 */
export function userId(salt: Buffer, parts: UserIdParts): string {
  return siphash24Hex(salt, userIdMessage(parts))
}

/** What `userId` hashes; worth keeping where one visitor is hashed under two salts. */
export function userIdMessage(parts: UserIdParts): Buffer {
  return Buffer.from(parts.userAgent + parts.ip + parts.site + rootDomain(parts.hostname), 'utf8')
}

/**
 * Id of a visitor who came with one: the first 64 bits of SHA-256 over site and stored id, the same on every day.
 * No secret is needed, the id itself is in the row; two spellings of one email are one visitor.
 * @returns 16 hex digits
 */
export function visitorUserId(site: string, visitorId: string): string {
  return hash('sha256', `${site}\0${storedVisitorId(visitorId)}`).slice(0, 16)
}

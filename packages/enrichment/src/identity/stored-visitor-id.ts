import { createHash } from 'node:crypto'

/** A visitor's id as stored: an email only as the SHA-256 hex of its trimmed lower-case form, anything else trimmed. */
export function storedVisitorId(visitorId: string): string {
  const id = visitorId.trim()
  return email.test(id) ? createHash('sha256').update(id.toLowerCase()).digest('hex') : id
}

// What could be an email is treated as one: hashing an id that is none costs nothing, storing an address does.
const email = /^[^\s@]+@[^\s@]+$/

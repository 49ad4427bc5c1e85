import { createHash } from 'node:crypto'
import { cutUnits } from './text-length.ts'

/** RFC 5321: 64 for the local part, and 254 in all. */
const emailCharsMax = 254

/** As Octeth's own check: a name, and a domain with a dot. International names are taken too. */
const email =
  /^[^\s@"(),:;<>[\\\]]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}][\p{L}\p{N}-]{0,61}[\p{L}\p{N}]$/u

export function isEmail(text: string): boolean {
  return text.length <= emailCharsMax && email.test(text)
}

/** SHA-256 hex of the trimmed lower-case form. */
export function emailHash(text: string): string {
  return createHash('sha256').update(text.trim().toLowerCase()).digest('hex')
}

/** What could be an email as a whole is treated as one: hashing what is none costs little, storing an address does. */
const wholeEmail = /^\s*[^\s@/:?#]+@[^\s@/:?#]+\s*$/
const atDomain = /(?:@|%40)((?:[\p{L}\p{N}-]{1,63}\.)+[\p{L}\p{N}-]{2,63})/giu
const noNameChar = /[\s@<>()[\]{}"',;:/?#&=|\\]/
const nameCharsMax = 64

/** Emails are looked for in this much of a text, and the rest is gone: more than what is kept of any. */
const lookedCharsMax = 4_000
/** With so much read out of a text its rest is gone too; hashes make it grow, and cost. */
const concealedCharsMax = 4_000

/** The text with every email in it replaced by its hash, also those in a URL's query. */
export function concealEmails(given: string): string {
  const text = cutUnits(given, lookedCharsMax)
  if (text.includes('@')) {
    if (wholeEmail.test(text)) return emailHash(text)
  } else if (!text.includes('%40')) return text
  return withoutEmbedded(text)
}

/** Looks for domains, and from there back for the name: to try every place as a name's start costs 64 times as much. */
function withoutEmbedded(text: string): string {
  let concealed = ''
  let read = 0
  for (const { 0: found, 1: domain = '', index } of text.matchAll(atDomain)) {
    const start = nameStart(text, read, index)
    if (start === index) continue
    concealed += text.slice(read, start) + emailHash(`${text.slice(start, index)}@${domain}`)
    read = index + found.length
    if (concealed.length > concealedCharsMax) return concealed
  }
  return concealed + text.slice(read)
}

function nameStart(text: string, from: number, end: number): number {
  let start = end
  while (start > from && end - start < nameCharsMax && !noNameChar.test(text.charAt(start - 1))) start--
  return start
}

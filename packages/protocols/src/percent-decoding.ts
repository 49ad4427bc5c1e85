import { unescape } from 'node:querystring'

/** Decodes `%XX` once: a broken `%` stays as it is, bytes that are not UTF-8 become U+FFFD, `+` is a plus. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    // Node's lenient decoder takes one byte per character.
    return unescape(Buffer.from(text, 'utf8').toString('latin1'))
  }
}

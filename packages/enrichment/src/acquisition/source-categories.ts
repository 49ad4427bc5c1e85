import { databaseSources, type Medium } from './referrer-database.ts'

export type SourceCategory = 'search' | 'social' | 'video' | 'shopping' | 'email' | 'ai'

/**
 * What kind of place a source is, by its lower-case name. Stands in for Google's list of GA4 default-channel sources:
 * search, social and email names come from the referrer database, the rest and all exceptions are ours.
 */
export function sourceCategory(source: string): SourceCategory | undefined {
  return categories.get(source)
}

/** Ours; they beat the database, which files Amazon under search and Youtube under social. */
const own: Readonly<Record<SourceCategory, readonly string[]>> = {
  search: ['yahoo!', 'yahoo', 'ecosia', 'brave', 'sogou', 'kagi', 'startpage', 'startpage.com', 'msn', 'aol'],
  social: [
    'hacker news',
    'telegram',
    'slack',
    'producthunt',
    'producthunt.com',
    'github',
    'steamcommunity.com',
    'vkontakte',
    'threads',
    'discord',
    'microsoft teams',
    'bluesky',
    'mastodon',
    'x (twitter)',
    'tiktok',
    'snapchat',
    'messenger',
    'digg',
    'medium.com',
    'lemmy.world',
  ],
  video: [
    'youtube',
    'youtube.com',
    'vimeo',
    'twitch',
    'twitch.tv',
    'dailymotion',
    'dailymotion.com',
    'netflix',
    'hulu',
    'disneyplus',
    'wistia',
    'ted',
    'ted.com',
    'crackle',
    'curiositystream',
    'veoh',
    'youku',
    'iqiyi',
    'google video',
  ],
  shopping: [
    'amazon',
    'amazon.com',
    'amazon.co.uk',
    'alibaba',
    'alibaba.com',
    'aliexpress',
    'aliexpress.com',
    'ebay',
    'ebay.com',
    'ebay.co.uk',
    'ebay.com.au',
    'ebay.de',
    'etsy',
    'etsy.com',
    'walmart',
    'walmart.com',
    'shopify',
    'shopify.com',
    'apps.shopify.com',
    'checkout.shopify.com',
    'shop.app',
    'stripe',
    'stripe.com',
    'checkout.stripe.com',
    'mercadolibre',
    'mercadolibre.com',
    'mercadolibre.com.ar',
    'mercadolibre.com.mx',
    'shopping.naver.com',
    'shopping.yahoo.com',
    'shopping.yahoo.co.jp',
    'shopzilla',
    'igshopping',
    'temu.com',
    'google product search',
    'pricerunner',
    'rakuten',
    'marktplaats',
  ],
  email: ['gmail'],
  ai: [
    'chatgpt',
    'chatgpt.com',
    'claude',
    'phind',
    'deepseek',
    'copilot',
    'microsoft copilot',
    'grok',
    'google gemini',
    'perplexity',
    'le chat',
    'meta ai',
    'notebooklm',
    'qwen',
    'poe',
    'you.com',
  ],
}

/** Forgotten search engines whose names are plain words today: `utm_source=meta` is an advertisement on Facebook. */
const plainWords: ReadonlySet<string> = new Set([
  'atlas',
  'austronaut',
  'charter',
  'crawler',
  'delfi',
  'flix',
  'free',
  'holmes',
  'latne',
  'mamma',
  'meta',
  'orange',
  'skynet',
  'softonic',
  'terra',
  'winamp',
  'witch',
  'www',
])

/** A name in several media counts for the first of these. */
const categorised = ['search', 'social', 'email'] as const satisfies readonly Medium[]

const categories: ReadonlyMap<string, SourceCategory> = new Map([
  ...databaseCategories(),
  ...Object.entries(own).flatMap(([category, names]) =>
    names.map((name) => [name, category as SourceCategory] as const),
  ),
])

function databaseCategories(): [string, SourceCategory][] {
  const found: [string, SourceCategory][] = []
  for (const [source, media] of databaseSources()) {
    const name = source.toLowerCase()
    const category = categorised.find((medium) => media.has(medium))
    if (category !== undefined && !plainWords.has(name)) found.push([name, category])
  }
  return found
}

import { sourceAliases } from './source-aliases.ts'
import { sourceCategory } from './source-categories.ts'
import type { SourceCategory } from './source-category.ts'

/**
 * The acquisition channel: the first of 19 rules that holds, in the order of Plausible's SQL (section 4.5), which differs from
 * Google's in having Display second.
 * @param categoryOf what kind of place a source is, by its lower-case name
 */
export function channelOf(
  acquisition: {
    readonly source: string
    readonly utmSource: string
    readonly utmMedium: string
    readonly utmCampaign: string
    /** A name, compared as it is. */
    readonly clickIdParam: string
  },
  categoryOf: (source: string) => SourceCategory | undefined = sourceCategory,
): Channel {
  const source = asciiLowered(acquisition.source)
  const medium = asciiLowered(acquisition.utmMedium)
  const tag = asciiLowered(acquisition.utmSource)
  const facts: Facts = {
    source,
    medium,
    tag,
    campaign: asciiLowered(acquisition.utmCampaign),
    category: categoryOf(source),
    isPaid: isPaidMedium(medium) || isPaidTag(tag),
    isPaidClick:
      (source === 'google' && acquisition.clickIdParam === 'gclid') ||
      (source === 'bing' && acquisition.clickIdParam === 'msclkid'),
  }
  return rules.find(([, holds]) => holds(facts))?.[0] ?? 'Direct'
}

export type Channel = (typeof channels)[number]

/** The names, in the order of the rules. */
export const channels = [
  'Cross-network',
  'Display',
  'Paid Shopping',
  'Paid Search',
  'Paid Social',
  'Paid Video',
  'Paid Other',
  'Organic Shopping',
  'Organic Social',
  'Organic Video',
  'AI Assistants',
  'Organic Search',
  'Email',
  'Affiliates',
  'Audio',
  'SMS',
  'Mobile Push Notifications',
  'Referral',
  'Direct',
] as const

interface Facts {
  readonly source: string
  readonly medium: string
  readonly campaign: string
  /** Raw `utm_source`. */
  readonly tag: string
  readonly category: SourceCategory | undefined
  /** By its medium or by its tag. */
  readonly isPaid: boolean
  readonly isPaidClick: boolean
}

const rules: readonly (readonly [Channel, (facts: Facts) => boolean])[] = [
  ['Cross-network', ({ campaign }) => campaign.includes('cross-network')],
  ['Display', ({ medium }) => displayMedia.has(medium)],
  ['Paid Shopping', (facts) => isShopping(facts) && isPaidMedium(facts.medium)],
  ['Paid Search', ({ category, isPaid, isPaidClick }) => (category === 'search' && isPaid) || isPaidClick],
  ['Paid Social', ({ category, isPaid }) => category === 'social' && isPaid],
  ['Paid Video', ({ category, isPaid }) => category === 'video' && isPaid],
  ['Paid Other', ({ medium }) => isPaidMedium(medium)],
  ['Organic Shopping', isShopping],
  ['Organic Social', ({ category, medium }) => category === 'social' || socialMedia.has(medium)],
  ['Organic Video', ({ category, medium }) => category === 'video' || medium.includes('video')],
  ['AI Assistants', ({ category }) => category === 'ai'],
  ['Organic Search', ({ category }) => category === 'search'],
  ['Email', ({ category, tag, medium }) => category === 'email' || namesEmail(tag) || namesEmail(medium)],
  ['Affiliates', ({ medium }) => medium === 'affiliate'],
  ['Audio', ({ medium }) => medium === 'audio'],
  ['SMS', ({ tag, medium }) => tag === 'sms' || medium === 'sms'],
  ['Mobile Push Notifications', ({ medium, source }) => namesPush(medium) || source === 'firebase'],
  ['Referral', ({ medium, source }) => referralMedia.has(medium) || source !== ''],
]

const displayMedia: ReadonlySet<string> = new Set(['display', 'banner', 'expandable', 'interstitial', 'cpm'])
const socialMedia: ReadonlySet<string> = new Set([
  'social',
  'social-network',
  'social-media',
  'sm',
  'social network',
  'social media',
])
const referralMedia: ReadonlySet<string> = new Set(['referral', 'app', 'link'])
const emailWords = ['email', 'e-mail', 'e_mail', 'e mail', 'newsletter']

/** As ClickHouse's `lower` does: other letters than A to Z stay, so that no Kelvin sign spells a `k`. */
function asciiLowered(text: string): string {
  if (text === '') return text
  return nonAscii.test(text)
    ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
    : text.toLowerCase()
}

// eslint-disable-next-line no-control-regex -- every character outside ASCII
const nonAscii = /[^\x00-\x7f]/

function isPaidMedium(medium: string): boolean {
  return medium === 'ppc' || medium === 'retargeting' || medium.includes('cp') || medium.startsWith('paid')
}

/** An alias that names an advertisement, such as `fb-ads`. */
function isPaidTag(tag: string): boolean {
  return tag === 'adwords' || (/ads?$/.test(tag) && sourceAliases.has(tag))
}

function isShopping({ category, campaign }: Facts): boolean {
  return category === 'shopping' || shopCampaign.test(campaign)
}

// `eshop`, `coffee-shop` and `shop` are shops, `workshop` is none.
const shopCampaign = /shopping|(?:^|[^a-df-z])shop/

const namesEmail = (text: string): boolean => emailWords.some((word) => text.includes(word))

function namesPush(medium: string): boolean {
  return medium.endsWith('push') || medium.includes('mobile') || medium.includes('notification')
}

import { describe, expect, test } from 'vitest'
import { channelOf, channels, type Channel } from './channel.ts'
import { googleSources } from './google-sources.ts'

type Facts = Partial<Parameters<typeof channelOf>[0]>

const channel = (facts: Facts) =>
  channelOf({ source: '', utmSource: '', utmMedium: '', utmCampaign: '', clickIdParam: '', ...facts })

/** One source of each kind. */
const [search, social, video, shopping, email, ai, site] = [
  'DuckDuckGo',
  'Facebook',
  'Vimeo',
  'Walmart',
  'Gmail',
  'Claude',
  'example.org',
]
const paidMedia = ['ppc', 'retargeting', 'cpc', 'cpv', 'xcpy', 'CPA', 'paid', 'paid-social', 'paidfoo']
const paidTags = [
  'adwords',
  'fb-ads',
  'fbads',
  'fbad',
  'facebook_ad',
  'Reddit-Ads',
  'google ads',
  'tiktokads',
]

/** Section 4.5, a row for every condition of every rule, in the order of the rules. */
const rules: readonly [Channel, rule: string, Facts[]][] = [
  ['Cross-network', 'campaign contains cross-network', campaigns('cross-network', 'x-Cross-Network-y')],
  [
    'Display',
    'medium is one of five',
    media('display', 'banner', 'expandable', 'interstitial', 'cpm', 'CPM'),
  ],
  ['Paid Shopping', 'shopping source and paid medium', paidMedia.map((m) => from(shopping, m))],
  [
    'Paid Shopping',
    'shop campaign and paid medium',
    [
      { utmCampaign: 'shopping', utmMedium: 'paid' },
      { source: 'Google', utmCampaign: 'eshop', utmMedium: 'cpc' },
    ],
  ],
  ['Paid Search', 'search source and paid medium', paidMedia.map((m) => from(search, m))],
  [
    'Paid Search',
    'search source and paid tag',
    paidTags.map((utmSource) => ({ source: 'Google', utmSource })),
  ],
  ['Paid Search', 'google and gclid', [{ source: 'Google', clickIdParam: 'gclid' }]],
  ['Paid Search', 'bing and msclkid', [{ source: 'BING', clickIdParam: 'msclkid' }]],
  ['Paid Social', 'social source and paid medium', paidMedia.map((m) => from(social, m))],
  ['Paid Social', 'social source and paid tag', paidTags.map((utmSource) => ({ source: social, utmSource }))],
  ['Paid Video', 'video source and paid medium', paidMedia.map((m) => from(video, m))],
  ['Paid Video', 'video source and paid tag', [{ source: 'Youtube', utmSource: 'yt-ads' }]],
  [
    'Paid Other',
    'paid medium',
    [...media(...paidMedia), from(site, 'cpc'), from(ai, 'cpc'), from(email, 'ppc')],
  ],
  [
    'Organic Shopping',
    'shopping source',
    sources('Amazon', 'walmart.com', 'shopify', 'temu.com', 'amazon.co.uk', 'ebay.de', 'ebay.fr', 'Etsy'),
  ],
  [
    'Organic Shopping',
    'shop campaign',
    campaigns('shopping', 'x shopping y', 'shop', 'eshop', 'coffee-shop', 'SHOP', '1shop', 'workshopping'),
  ],
  [
    'Organic Social',
    "social source, of Google's list",
    sources(
      'Facebook',
      'facebook.com',
      'LinkedIn',
      'Reddit',
      'tripadvisor',
      'yelp.com',
      'vg.no',
      'medium.com',
    ),
  ],
  [
    'Organic Social',
    "social source, of Plausible's list",
    sources(
      ...['Hacker News', 'Telegram', 'Slack', 'producthunt', 'GitHub', 'steamcommunity.com', 'Vkontakte'],
      ...['Threads', 'Discord', 'Microsoft Teams', 'Bluesky', 'Mastodon', 'X (Twitter)'],
    ),
  ],
  [
    'Organic Social',
    'medium is one of six',
    media('social', 'social-network', 'social-media', 'sm', 'Social Network', 'social media'),
  ],
  ['Organic Video', 'video source', sources('Youtube', 'Vimeo', 'twitch.tv', 'm.youtube.com', 'Netflix')],
  ['Organic Video', 'medium contains video', media('video', 'invideo', 'Video-Ad')],
  [
    'AI Assistants',
    "AI source, of Plausible's list",
    sources(
      ...['ChatGPT', 'chatgpt.com', 'Claude', 'Phind', 'DeepSeek', 'copilot', 'Microsoft Copilot', 'Grok'],
      ...['Google Gemini', 'Perplexity'],
    ),
  ],
  [
    'AI Assistants',
    'AI source, of ours',
    sources('Le Chat', 'Meta AI', 'NotebookLM', 'Qwen', 'Poe', 'You.com'),
  ],
  [
    'Organic Search',
    "search source, of Google's list",
    sources('Google', 'google.com', 'Bing', 'Baidu', 'Yandex', 'Naver', 'rakuten', 'terra', 'cnn', 'msn.com'),
  ],
  [
    'Organic Search',
    "search source, of Plausible's list",
    sources('Yahoo!', 'Ecosia', 'Brave', 'Sogou', 'Kagi'),
  ],
  ['Organic Search', 'search source, of ours', sources('Startpage', 'Mojeek', 'Google Images', 'Qwant')],
  ['Email', 'email source', sources('Gmail', 'Outlook.com', 'Yahoo! Mail', 'Proton', 'iCloud Mail')],
  [
    'Email',
    'tag contains one of five words',
    [...['email', 'E-mail', 'x-e_mail', 'an e mail', 'Newsletter-UK']].map((tag) => ({
      source: tag,
      utmSource: tag,
    })),
  ],
  [
    'Email',
    'medium contains one of five words',
    media('email', 'e-mail', 'e_mail', 'e mail', 'our-Newsletter-1'),
  ],
  ['Affiliates', 'medium is affiliate', media('affiliate', 'AFFILIATE')],
  ['Audio', 'medium is audio', media('audio')],
  ['SMS', 'tag is sms', [{ source: 'sms', utmSource: 'SMS' }]],
  ['SMS', 'medium is sms', media('sms')],
  ['Mobile Push Notifications', 'medium ends with push', media('push', 'app-push', 'web-PUSH')],
  [
    'Mobile Push Notifications',
    'medium contains mobile or notification',
    media('mobile', 'example-mobile-x', 'a notification b'),
  ],
  ['Mobile Push Notifications', 'source is firebase', sources('firebase', 'Firebase')],
  ['Referral', 'medium is referral, app or link', media('referral', 'app', 'link', 'LINK')],
  [
    'Referral',
    'any source',
    [
      ...sources(
        'othersite.com',
        'Wikipedia',
        'Linktree',
        'Microsoft 365',
        'Substack',
        ' ',
        'wordpress.example',
      ),
      from(site, 'affiliates'),
    ],
  ],
  ['Direct', 'otherwise', [{}, ...media('whatever', 'affiliates', 'apps', 'push it', 'audios', 'socials')]],
]

describe.each(rules)('4.5 %s: %s', (name, _, cases) => {
  test.each(cases)('%j', (facts) => {
    expect(channel(facts)).toBe(name)
  })
})

function media(...all: string[]): Facts[] {
  return all.map((utmMedium) => ({ utmMedium }))
}

function campaigns(...all: string[]): Facts[] {
  return all.map((utmCampaign) => ({ utmCampaign }))
}

function sources(...all: string[]): Facts[] {
  return all.map((source) => ({ source }))
}

function from(source: string, utmMedium: string): Facts {
  return { source, utmMedium }
}

describe('4.5 the first rule that holds decides', () => {
  test.each<[Facts, Channel]>([
    [{ utmCampaign: 'cross-network shop', utmMedium: 'cpm', source: shopping }, 'Cross-network'],
    [{ utmMedium: 'cpm', source: shopping, utmCampaign: 'shop' }, 'Display'],
    [{ utmMedium: 'display', source: 'Google', clickIdParam: 'gclid' }, 'Display'],
    [{ utmMedium: 'cpc', source: 'Google', utmCampaign: 'shop', clickIdParam: 'gclid' }, 'Paid Shopping'],
    [{ utmMedium: 'email', source: 'Google', clickIdParam: 'gclid', utmCampaign: 'shop' }, 'Paid Search'],
    [{ source: social, utmSource: 'fb-ads', utmCampaign: 'shop' }, 'Paid Social'],
    [{ source: video, utmSource: 'yt-ads', utmCampaign: 'shop' }, 'Paid Video'],
    [{ source: ai, utmMedium: 'paid-social' }, 'Paid Other'],
    [{ source: site, utmSource: 'fb-ads' }, 'Referral'],
    [{ source: shopping, utmSource: 'gads' }, 'Organic Shopping'],
    [{ source: social, utmCampaign: 'shop', utmMedium: 'video' }, 'Organic Shopping'],
    [{ source: video, utmMedium: 'social' }, 'Organic Social'],
    [{ source: social, utmMedium: 'video' }, 'Organic Social'],
    [{ source: ai, utmMedium: 'video' }, 'Organic Video'],
    [{ source: ai, utmMedium: 'email' }, 'AI Assistants'],
    [{ source: search, utmMedium: 'email' }, 'Organic Search'],
    [{ source: email, utmMedium: 'affiliate' }, 'Email'],
    [{ utmSource: 'newsletter', utmMedium: 'affiliate' }, 'Email'],
    [{ utmSource: 'sms', utmMedium: 'affiliate' }, 'Affiliates'],
    [{ utmSource: 'sms', utmMedium: 'audio' }, 'Audio'],
    [{ utmSource: 'sms', utmMedium: 'push' }, 'SMS'],
    [{ source: 'firebase', utmMedium: 'referral' }, 'Mobile Push Notifications'],
    [{ source: site, utmMedium: 'mobile app' }, 'Mobile Push Notifications'],
  ])('%j is %s', (facts, name) => {
    expect(channel(facts)).toBe(name)
  })

  test('there are 19 channels, each once, in the order of the rules', () => {
    expect(new Set(channels).size).toBe(19)
    expect([...new Set(rules.map(([name]) => name))]).toEqual([...channels])
  })
})

describe('4.5 paid click: the network that made the click id', () => {
  test.each<[Facts, Channel]>([
    [{ source: 'Google', clickIdParam: 'msclkid' }, 'Organic Search'],
    [{ source: 'Bing', clickIdParam: 'gclid' }, 'Organic Search'],
    [{ source: 'DuckDuckGo', clickIdParam: 'gclid' }, 'Organic Search'],
    [{ source: 'Google', clickIdParam: 'gbraid' }, 'Organic Search'],
    [{ source: 'Google', clickIdParam: 'GCLID' }, 'Organic Search'],
    [{ source: 'Google Images', clickIdParam: 'gclid' }, 'Organic Search'],
    [{ source: 'Facebook', clickIdParam: 'fbclid' }, 'Organic Social'],
    [{ clickIdParam: 'gclid' }, 'Direct'],
  ])('%j is %s', (facts, name) => {
    expect(channel(facts)).toBe(name)
  })
})

describe('4.5 paid tag: an alias that ends in ad or ads', () => {
  test.each<[string, string, Channel]>([
    ['Threads', 'threads', 'Organic Social'],
    ['Facebook', 'facebook', 'Organic Social'],
    ['Facebook', 'myads', 'Organic Social'],
    ['Facebook', 'facebook_ads2', 'Organic Social'],
    ['Google', 'google_ads', 'Paid Search'],
    ['Google', 'Adwords', 'Paid Search'],
    ['Facebook', 'facebook_feed_ad', 'Paid Social'],
  ])('%s with the tag %s is %s', (source, utmSource, name) => {
    expect(channel({ source, utmSource })).toBe(name)
  })
})

describe('4.5 shop campaign', () => {
  test.each<[string, Channel]>([
    ['workshop', 'Direct'],
    ...['ashop', 'bshop', 'cshop', 'dshop', 'fshop', 'zshop'].map(
      (name) => [name, 'Direct'] as [string, Channel],
    ),
    ['eshop', 'Organic Shopping'],
    ['éshop', 'Organic Shopping'],
    ['workshop and shop', 'Organic Shopping'],
    ['shops', 'Organic Shopping'],
    ['shopify', 'Organic Shopping'],
    ['sho', 'Direct'],
  ])('%s is %s', (utmCampaign, name) => {
    expect(channel({ utmCampaign })).toBe(name)
  })
})

describe('4.5 letters', () => {
  test.each<[Facts, Channel]>([
    [{ source: 'IGShopping' }, 'Referral'],
    [{ source: 'Google Shopping' }, 'Referral'],
    [{ source: 'Hatena' }, 'Referral'],
    [{ source: 'ImageShack' }, 'Referral'],
    // A Kelvin sign, which Unicode lowers to k.
    [{ source: '\u212aagi' }, 'Referral'],
    [{ source: 'KAGI' }, 'Organic Search'],
    [{ source: 'É', utmMedium: 'É-CPC' }, 'Paid Other'],
  ])('%j is %s: only A to Z are lowered, and no list entry with capitals can match', (facts, name) => {
    expect(channel(facts)).toBe(name)
  })
})

test.each([
  ['search', 131, 'Organic Search'],
  ['social', 588, 'Organic Social'],
  ['shopping', 50, 'Organic Shopping'],
  ['video', 46, 'Organic Video'],
] as const)("4.5 every %s source of Google's list (%i) is %s", (kind, count, name) => {
  expect(new Set(googleSources[kind]).size).toBe(count)
  expect(googleSources[kind].filter((source) => channel({ source }) !== name)).toEqual([])
})

test('a plain word is not the search engine that once had its name', () => {
  expect(channel({ source: 'Meta', utmSource: 'meta' })).toBe('Referral')
})

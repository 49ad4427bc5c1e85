import { describe, expect, test } from 'vitest'
import { channelOf, channels } from './channel.ts'

type Facts = Partial<Parameters<typeof channelOf>[0]>

const channel = (facts: Facts) =>
  channelOf({ source: '', utmSource: '', utmMedium: '', utmCampaign: '', clickIdParam: '', ...facts })

test.each<[string, Facts[]]>([
  [
    'Cross-network',
    [{ utmCampaign: 'x-Cross-Network-y' }, { utmCampaign: 'cross-network', utmMedium: 'cpm' }],
  ],
  [
    'Display',
    [
      ...['display', 'banner', 'expandable', 'interstitial', 'CPM'].map((utmMedium) => ({ utmMedium })),
      { source: 'Google', utmMedium: 'display', clickIdParam: 'gclid' },
    ],
  ],
  [
    'Paid Shopping',
    [
      { source: 'eBay', utmMedium: 'cpc' },
      { source: 'temu.com', utmMedium: 'ppc' },
      { utmCampaign: 'shopping', utmMedium: 'paid' },
    ],
  ],
  [
    'Paid Search',
    [
      { source: 'Google', utmMedium: 'cpc' },
      { source: 'Google', clickIdParam: 'gclid' },
      { source: 'Bing', clickIdParam: 'msclkid' },
      { source: 'Google', utmSource: 'adwords' },
      { source: 'Google', utmSource: 'GAds' },
      { source: 'Kagi', utmMedium: 'retargeting' },
    ],
  ],
  [
    'Paid Social',
    [
      { source: 'TikTok', utmMedium: 'paid-social' },
      { source: 'Facebook', utmSource: 'fb-ads' },
      { source: 'Facebook', utmSource: 'facebook_ad' },
      { source: 'X (Twitter)', utmSource: 'twitter-ads' },
    ],
  ],
  [
    'Paid Video',
    [
      { source: 'Youtube', utmMedium: 'cpv' },
      { source: 'Youtube', utmSource: 'yt-ads' },
    ],
  ],
  [
    'Paid Other',
    [
      { utmMedium: 'cpc' },
      { source: 'newsletter', utmMedium: 'PPC' },
      { utmMedium: 'retargeting' },
      { utmMedium: 'paidfoo' },
    ],
  ],
  [
    'Organic Shopping',
    [
      { source: 'Amazon' },
      { source: 'walmart.com' },
      ...['eshop', 'coffee-shop', 'shop', 'x shopping y', 'workshopping'].map((utmCampaign) => ({
        utmCampaign,
      })),
    ],
  ],
  [
    'Organic Social',
    [
      ...[
        'Facebook',
        'Hacker News',
        'Telegram',
        'Slack',
        'ProductHunt',
        'GitHub',
        'steamcommunity.com',
        'Vkontakte',
        'Threads',
      ].map((source) => ({ source })),
      ...['Discord', 'Microsoft Teams', 'Bluesky', 'Mastodon', 'X (Twitter)', 'LinkedIn', 'Reddit'].map(
        (source) => ({ source }),
      ),
      ...['social', 'social-network', 'social-media', 'sm', 'Social Network', 'social media'].map(
        (utmMedium) => ({ utmMedium }),
      ),
    ],
  ],
  [
    'Organic Video',
    [{ source: 'Youtube' }, { source: 'Vimeo' }, { source: 'twitch.tv' }, { utmMedium: 'invideo' }],
  ],
  [
    'AI Assistants',
    [
      'ChatGPT',
      'Claude',
      'Phind',
      'DeepSeek',
      'Microsoft Copilot',
      'Grok',
      'Google Gemini',
      'Perplexity',
    ].map((source) => ({ source })),
  ],
  [
    'Organic Search',
    ['Google', 'Bing', 'Yahoo!', 'Ecosia', 'Brave', 'Sogou', 'Kagi', 'DuckDuckGo'].map((source) => ({
      source,
    })),
  ],
  [
    'Email',
    [
      { source: 'Gmail' },
      ...['email', 'e-mail', 'e_mail', 'e mail', 'Newsletter', 'our-newsletter'].map((utmMedium) => ({
        utmMedium,
      })),
      { source: 'newsletter', utmSource: 'newsletter' },
    ],
  ],
  ['Affiliates', [{ utmMedium: 'affiliate' }]],
  ['Audio', [{ utmMedium: 'audio' }]],
  ['SMS', [{ utmMedium: 'sms' }, { source: 'sms', utmSource: 'SMS' }]],
  [
    'Mobile Push Notifications',
    [
      { utmMedium: 'web-push' },
      { utmMedium: 'mobile' },
      { utmMedium: 'a notification b' },
      { source: 'Firebase' },
    ],
  ],
  [
    'Referral',
    [
      { utmMedium: 'referral' },
      { utmMedium: 'app' },
      { utmMedium: 'link' },
      { source: 'example.org' },
      { source: 'Wikipedia' },
    ],
  ],
  [
    'Direct',
    [
      {},
      { utmMedium: 'whatever' },
      { utmCampaign: 'workshop' },
      { clickIdParam: 'gclid' },
      { utmMedium: 'push notifi' },
      { utmMedium: 'affiliates' },
    ],
  ],
])('%s', (name, cases) => {
  for (const facts of cases) expect([facts, channel(facts)]).toEqual([facts, name])
})

describe('a paid click', () => {
  test.each<[Facts, string]>([
    [{ source: 'Google', clickIdParam: 'msclkid' }, 'Organic Search'],
    [{ source: 'Bing', clickIdParam: 'gclid' }, 'Organic Search'],
    [{ source: 'Google', clickIdParam: 'gbraid' }, 'Organic Search'],
    [{ source: 'Threads', utmSource: 'threads' }, 'Organic Social'],
    [{ source: 'Facebook', utmSource: 'facebook' }, 'Organic Social'],
  ])('%j is %s', (facts, name) => {
    expect(channel(facts)).toBe(name)
  })
})

test('a plain word is not the search engine that once had its name', () => {
  expect(channel({ source: 'Meta', utmSource: 'meta' })).toBe('Referral')
})

test('has the 19 channels, each once', () => {
  expect(new Set(channels).size).toBe(19)
})

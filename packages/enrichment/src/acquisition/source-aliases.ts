/**
 * Other names of sources: a tag's value, or a host, both in lower case, to the name that is stored (Plausible, section 4.3).
 * Exact aliases beat the referrer database, so that `gemini.google.com` is not Google.
 * A key that ends in `ad` or `ads` also says that the click was paid for: add such a key only where that is true.
 */
export const sourceAliases: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Instagram: ['ig'],
    Facebook: [
      'fb',
      'fb-ads',
      'fbads',
      'fbad',
      'facebook-ads',
      'facebook_ads',
      'fcb',
      'facebook_ad',
      'facebook_feed_ad',
    ],
    Youtube: ['yt', 'yt-ads'],
    Reddit: ['reddit-ads', 'android-app://com.reddit.frontpage'],
    Google: ['google_ads', 'google-ads', 'googleads', 'gads', 'google ads', 'adwords'],
    TikTok: ['tiktokads', 'tik.tok'],
    'X (Twitter)': ['twitter', 'twitter-ads', 'x.com', 'mobile.twitter.com'],
    Perplexity: ['perplexity', 'perplexity.ai', 'pplx.ai'],
    Linktree: ['linktree', 'linktr.ee'],
    Discord: ['discord.com', 'discordapp.com', 'ptb.discord.com', 'canary.discord.com'],
    Telegram: ['t.me', 'webk.telegram.org'],
    Baidu: ['baidu.com'],
    Sogou: ['sogou.com', 'm.sogou.com', 'wap.sogou.com'],
    Bing: ['ntp.msn.com'],
    Brave: ['search.brave.com'],
    Yandex: ['ya.ru', 'yandex.com.tr', 'yandex.eu', 'yandex.fr', 'yandex.kz', 'yandex.tm', 'yandex.uz'],
    'Microsoft Teams': ['statics.teams.cdn.office.net', 'teams.microsoft.com'],
    Bluesky: ['bsky.app', 'go.bsky.app'],
    Mastodon: [
      'mastodon.social',
      'mastodon.online',
      'mastodon.world',
      'fosstodon.org',
      'hachyderm.io',
      'infosec.exchange',
      'mas.to',
      'sigmoid.social',
      'mstdn.social',
      'mstdn.jp',
      'indieweb.social',
      'mathstodon.xyz',
      'scholar.social',
      'chaos.social',
      'social.tchncs.de',
    ],
    Threads: ['l.threads.com'],
    Kagi: ['kagi.com'],
    ChatGPT: ['chatgpt.com', 'chat.openai.com'],
    Claude: ['claude.ai'],
    Phind: ['phind.com'],
    DeepSeek: ['deepseek.com'],
    'Microsoft Copilot': ['copilot', 'copilot.microsoft.com', 'copilot.com'],
    Grok: ['grok.com', 'x.ai'],
    'Google Gemini': ['gemini.google.com'],
  }).flatMap(([name, keys]) => keys.map((key) => [key, name] as const)),
)

/** Hosts whose apex and true subdomains are one source. */
export const sourceFamilies: readonly (readonly [suffix: string, name: string])[] = [
  ['officeapps.live.com', 'Microsoft 365'],
  ['wikipedia.org', 'Wikipedia'],
]

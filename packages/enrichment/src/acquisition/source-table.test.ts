import { describe, expect, test } from 'vitest'
import { sourceAliases } from './source-aliases.ts'
import { packagedSourceTable, SourceTable } from './source-table.ts'
import { urlParts } from './url-parts.ts'

const { tagged, fromReferrer } = of(packagedSourceTable)

function of(table: SourceTable) {
  return {
    tagged: (tag: string) => table.tagged(tag),
    fromReferrer: (referrer: string) => table.ofReferral(urlParts(referrer)),
  }
}

/** Section 4.3's aliases as the document lists them. */
const aliases: Readonly<Record<string, string>> = {
  Instagram: 'ig',
  Facebook: 'fb fb-ads fbads fbad facebook-ads facebook_ads fcb facebook_ad facebook_feed_ad',
  Youtube: 'yt yt-ads',
  Reddit: 'reddit-ads android-app://com.reddit.frontpage',
  Google: 'google_ads google-ads googleads gads adwords',
  TikTok: 'tiktokads tik.tok',
  'X (Twitter)': 'twitter twitter-ads x.com mobile.twitter.com',
  Perplexity: 'perplexity perplexity.ai pplx.ai',
  Linktree: 'linktree linktr.ee',
  Discord: 'discord.com discordapp.com ptb.discord.com canary.discord.com',
  Telegram: 't.me webk.telegram.org',
  Baidu: 'baidu.com',
  Sogou: 'sogou.com m.sogou.com wap.sogou.com',
  Bing: 'ntp.msn.com',
  Brave: 'search.brave.com',
  Yandex: 'ya.ru yandex.com.tr yandex.eu yandex.fr yandex.kz yandex.tm yandex.uz',
  'Microsoft Teams': 'statics.teams.cdn.office.net teams.microsoft.com',
  Bluesky: 'bsky.app go.bsky.app',
  Mastodon:
    'mastodon.social mastodon.online mastodon.world fosstodon.org hachyderm.io infosec.exchange mas.to sigmoid.social mstdn.social mstdn.jp indieweb.social mathstodon.xyz scholar.social chaos.social social.tchncs.de',
  Threads: 'l.threads.com',
  Kagi: 'kagi.com',
  ChatGPT: 'chatgpt.com chat.openai.com',
  Claude: 'claude.ai',
  Phind: 'phind.com',
  DeepSeek: 'deepseek.com',
  'Microsoft Copilot': 'copilot copilot.microsoft.com copilot.com',
  Grok: 'grok.com x.ai',
  'Google Gemini': 'gemini.google.com',
}
const aliasRows = [
  ...Object.entries(aliases).flatMap(([source, keys]) =>
    keys.split(' ').map((key) => [key, source] as const),
  ),
  ['google ads', 'Google'] as const,
]

describe('4.3.1 an alias key as a tag, in any case', () => {
  test.each(aliasRows)('%s is %s', (key, source) => {
    expect([tagged(key), tagged(key.toUpperCase())]).toEqual([source, source])
  })

  test('there are no more keys than these, since a key that ends in ad or ads makes a click paid', () => {
    expect([...sourceAliases.keys()].toSorted()).toEqual(aliasRows.map(([key]) => key).toSorted())
  })
})

describe('4.3.1 the name that an alias stands for, as a tag', () => {
  test.each([...Object.keys(aliases), 'Microsoft 365', 'Wikipedia'])('%s, in any case', (source) => {
    expect([tagged(source.toLowerCase()), tagged(source.toUpperCase())]).toEqual([source, source])
  })
})

describe('4.3.1 a name of the database, as a tag', () => {
  test.each([
    ['google', 'Google'],
    ['GOOGLE', 'Google'],
    ['bing', 'Bing'],
    ['duckduckgo', 'DuckDuckGo'],
    ['yahoo!', 'Yahoo!'],
    ['hacker news', 'Hacker News'],
    ['linkedin', 'LinkedIn'],
    ['github', 'GitHub'],
    ['gmail', 'Gmail'],
    ['instagram', 'Instagram'],
    ['telegram', 'Telegram'],
    ['slack', 'Slack'],
    ['whatsapp', 'WhatsApp'],
    ['threads', 'Threads'],
    ['tiktok', 'TikTok'],
    ['brave search', 'brave search'],
    ['brave', 'Brave'],
  ])('%j is %j', (tag, source) => {
    expect(tagged(tag)).toBe(source)
  })
})

describe('4.3.1 an unknown tag stays unchanged', () => {
  test.each([
    'newsletter',
    'News Letter',
    'google.com',
    'www.chatgpt.com',
    'producthunt',
    'hey',
    ' google',
    '',
    '__proto__',
    'constructor',
  ])('%j', (tag) => {
    expect(tagged(tag)).toBe(tag)
  })
})

describe('4.3.2a an alias that is a host, as a referrer', () => {
  const hosts = aliasRows.filter(([key]) => key.includes('.') && key !== 'tik.tok')
  test.each(hosts)('%s is %s', (key, source) => {
    const url = key.includes('://') ? key : `https://${key}`
    expect([fromReferrer(url), fromReferrer(`${url}/a/b?c#d`)]).toEqual([source, source])
    if (url === key) return
    expect(fromReferrer(`https://www.${key.toUpperCase()}/`)).toBe(source)
  })

  test('comes before the database: gemini.google.com is not Google', () => {
    expect(fromReferrer('https://gemini.google.com/app')).toBe('Google Gemini')
  })
})

describe('4.3.2b a suffix family: the apex and true subdomains', () => {
  test.each([
    ['https://officeapps.live.com/', 'Microsoft 365'],
    ['https://word-edit.officeapps.live.com/we/x', 'Microsoft 365'],
    ['https://a.b.officeapps.live.com', 'Microsoft 365'],
    ['https://notofficeapps.live.com/', 'notofficeapps.live.com'],
    ['https://wikipedia.org/', 'Wikipedia'],
    ['https://www.wikipedia.org/', 'Wikipedia'],
    ['https://en.wikipedia.org/wiki/X', 'Wikipedia'],
    ['https://en.m.wikipedia.org/wiki/X', 'Wikipedia'],
    ['https://zu.wikipedia.org/', 'Wikipedia'],
    ['https://notwikipedia.org/', 'notwikipedia.org'],
    ['https://wikipedia.org.example/', 'wikipedia.org.example'],
  ])('%s is %s', (referrer, source) => {
    expect(fromReferrer(referrer)).toBe(source)
  })
})

describe('4.3.2c the database: longest host suffix, longest path', () => {
  test.each([
    ['https://www.google.com/search?q=x', 'Google'],
    ['https://google.com', 'Google'],
    ['https://google.co.uk', 'Google'],
    ['https://www.google.com.br/', 'Google'],
    ['https://images.google.de/', 'Google Images'],
    ['https://www.google.de/imgres?x', 'Google Images'],
    ['https://www.google.de/imgresx', 'Google'],
    ['https://news.google.com/', 'Google News'],
    ['https://mail.google.com/', 'Gmail'],
    ['https://notgoogle.com/', 'notgoogle.com'],
    ['https://www.bing.com/', 'Bing'],
    ['https://cn.bing.com/', 'Bing'],
    ['https://duckduckgo.com/', 'DuckDuckGo'],
    ['https://search.yahoo.com/', 'Yahoo!'],
    ['https://yandex.ru/search', 'Yandex'],
    ['https://l.facebook.com/', 'Facebook'],
    ['https://lm.facebook.com/', 'Facebook'],
    ['https://old.reddit.com/r/x', 'Reddit'],
    ['https://news.ycombinator.com/item?id=1', 'Hacker News'],
    ['https://T.CO/abc', 'X (Twitter)'],
    ['android-app://com.linkedin.android', 'LinkedIn'],
    ['android-app://com.google.android.gm/', 'Gmail'],
    ['android-app://com.google.android.googlequicksearchbox/https/www.google.com', 'Google'],
  ])('%s is %s', (referrer, source) => {
    expect(fromReferrer(referrer)).toBe(source)
  })

  test.each([
    ['https://t.co/abc', 'X (Twitter)'],
    ['https://twitter.com', 'X (Twitter)'],
    ['https://search.brave.com/x', 'Brave'],
  ])('4.3.1 is applied to its name: %s is %s', (referrer, source) => {
    expect(fromReferrer(referrer)).toBe(source)
  })

  test.each([
    ['android-app://com.example.buffer', 'android-app://com.example.buffer'],
    ['android-app://x.google.com', 'android-app://x.google.com'],
  ])('an app is known by its whole id: %s is %s', (referrer, source) => {
    expect(fromReferrer(referrer)).toBe(source)
  })
})

describe('what the database lacks', () => {
  test.each([
    ['https://www.amazon.de/dp/x', 'Amazon'],
    ['https://smile.amazon.co.uk/', 'Amazon'],
    ['https://www.amazon.co.jp/', 'Amazon'],
    ['https://amazon.com.evil.example/', 'amazon.com.evil.example'],
    ['https://notamazon.de/', 'notamazon.de'],
    ['https://fr.yahoo.com/', 'Yahoo!'],
    ['https://fr.search.yahoo.com/', 'Yahoo!'],
    ['https://www.yahoo.fr/', 'Yahoo!'],
    ['https://mail.yahoo.fr/', 'Yahoo! Mail'],
    ['https://yandex.az/', 'Yandex'],
    ['https://www.pinterest.co.uk/pin/1', 'Pinterest'],
    ['https://threads.net/', 'Threads'],
    ['https://www.threads.com/@a', 'Threads'],
    ['https://eur01.safelinks.protection.outlook.com/', 'Outlook.com'],
    ['https://outlook.office.com/mail/', 'Outlook.com'],
    ['https://www.icloud.com/mail/', 'iCloud Mail'],
    ['https://www.icloud.com/photos', 'icloud.com'],
    ['https://notebooklm.google.com/', 'NotebookLM'],
    ['https://chat.deepseek.com/', 'DeepSeek'],
    ['https://edgeservices.bing.com/', 'Microsoft Copilot'],
    ['android-app://com.openai.chatgpt', 'ChatGPT'],
    ['android-app://com.slack/', 'Slack'],
  ])('%s is %s', (referrer, source) => {
    expect(fromReferrer(referrer)).toBe(source)
  })
})

describe('4.3.2d else the bare host, in its own case', () => {
  test.each([
    ['https://www.markosaric.com', 'markosaric.com'],
    ['https://www.Example.org/x', 'Example.org'],
    ['https://blog.example.org:8080/x', 'blog.example.org'],
    ['https://www.www.example.org/', 'www.example.org'],
    ['https://steamcommunity.com/x', 'steamcommunity.com'],
    ['https://www.temu.com/', 'temu.com'],
    ['https://buffer/', 'Buffer'],
    ['https://[2001:db8::1]/', '2001:db8::1'],
    ['https://192.0.2.1/', '192.0.2.1'],
    ['android-app://com.some.App/x', 'android-app://com.some.App'],
  ])('%s is %s', (referrer, source) => {
    expect(fromReferrer(referrer)).toBe(source)
  })
})

describe("the operator's lists", () => {
  const table = new SourceTable([
    { key: 'suche.example', source: 'Suche', category: 'search' },
    { key: 'x.example/forum', source: 'X Forum', category: 'social' },
    { key: '{}.ask.example', source: 'Ask Example', category: 'search' },
    { key: 'reddit.com', source: 'reddit', category: 'social' },
    { key: 'chatgpt.com', source: 'Another', category: 'ai' },
    { key: 'org.example.app', source: 'Example App', category: 'video' },
    { key: 'facebook.com', source: 'Facebook', category: 'search' },
  ])
  const listed = of(table)

  test.each([
    ['https://www.suche.example/x', 'Suche'],
    ['https://a.suche.example/x', 'Suche'],
    ['https://x.example/forum/1', 'X Forum'],
    ['https://x.example/', 'x.example'],
    ['https://uk.ask.example/', 'Ask Example'],
    ['https://ask.example/', 'ask.example'],
    ['android-app://org.example.app', 'Example App'],
    ['https://www.google.com/', 'Google'],
  ])('add %s as %s', (referrer, source) => {
    expect(listed.fromReferrer(referrer)).toBe(source)
  })

  test('take the names that are known already', () => {
    expect(listed.fromReferrer('https://old.reddit.com/')).toBe('Reddit')
  })

  test('come after the aliases', () => {
    expect(listed.fromReferrer('https://chatgpt.com/')).toBe('ChatGPT')
  })

  test('name tags', () => {
    expect([listed.tagged('SUCHE'), tagged('SUCHE')]).toEqual(['Suche', 'SUCHE'])
  })

  test.each([
    ['suche', 'search'],
    ['example app', 'video'],
    ['facebook', 'social'],
    ['nothing', undefined],
  ])('say what kind %s is where it is unknown: %s', (source, category) => {
    expect(table.category(source)).toBe(category)
  })
})

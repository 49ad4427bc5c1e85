import { describe, expect, test } from 'vitest'
import { referralSource, taggedSource } from './source.ts'
import { urlParts } from './url-parts.ts'

const fromReferrer = (referrer: string) => referralSource(urlParts(referrer))

describe('a tag (4.3)', () => {
  test.each([
    ['google', 'Google'],
    ['GOOGLE', 'Google'],
    ['fb', 'Facebook'],
    ['FB', 'Facebook'],
    ['facebook_feed_ad', 'Facebook'],
    ['ig', 'Instagram'],
    ['yt-ads', 'Youtube'],
    ['Reddit-Ads', 'Reddit'],
    ['adwords', 'Google'],
    ['google ads', 'Google'],
    ['tik.tok', 'TikTok'],
    ['tiktok', 'TikTok'],
    ['twitter', 'X (Twitter)'],
    ['x (twitter)', 'X (Twitter)'],
    ['chatgpt.com', 'ChatGPT'],
    ['chatgpt', 'ChatGPT'],
    ['perplexity', 'Perplexity'],
    ['linktree', 'Linktree'],
    ['copilot', 'Microsoft Copilot'],
    ['microsoft 365', 'Microsoft 365'],
    ['wikipedia', 'Wikipedia'],
    ['hacker news', 'Hacker News'],
    ['newsletter', 'newsletter'],
    ['News Letter', 'News Letter'],
    ['google.com', 'google.com'],
    ['', ''],
    ['__proto__', '__proto__'],
  ])('%j is %j', (tag, source) => {
    expect(taggedSource(tag)).toBe(source)
  })
})

describe('a referrer (4.3)', () => {
  test.each([
    ['https://www.google.com/search?q=x', 'Google'],
    ['https://google.co.uk', 'Google'],
    ['https://gemini.google.com/app', 'Google Gemini'],
    ['https://notebooklm.google.com/', 'NotebookLM'],
    ['https://mail.google.com/', 'Gmail'],
    ['https://www.bing.com/', 'Bing'],
    ['https://ntp.msn.com/edge', 'Bing'],
    ['https://duckduckgo.com/', 'DuckDuckGo'],
    ['https://search.brave.com/search', 'Brave'],
    ['https://yandex.com.tr/', 'Yandex'],
    ['https://ya.ru/', 'Yandex'],
    ['https://l.facebook.com/', 'Facebook'],
    ['https://m.facebook.com/', 'Facebook'],
    ['https://t.co/abc', 'X (Twitter)'],
    ['https://x.com/user', 'X (Twitter)'],
    ['https://mobile.twitter.com', 'X (Twitter)'],
    ['https://twitter.com', 'X (Twitter)'],
    ['https://old.reddit.com/r/x', 'Reddit'],
    ['android-app://com.reddit.frontpage/', 'Reddit'],
    ['android-app://com.linkedin.android', 'LinkedIn'],
    ['https://news.ycombinator.com/item?id=1', 'Hacker News'],
    ['https://chatgpt.com/', 'ChatGPT'],
    ['https://chat.openai.com/', 'ChatGPT'],
    ['https://claude.ai/chat', 'Claude'],
    ['https://www.perplexity.ai/', 'Perplexity'],
    ['https://copilot.microsoft.com/', 'Microsoft Copilot'],
    ['https://chat.deepseek.com/', 'DeepSeek'],
    ['https://mstdn.social/@a', 'Mastodon'],
    ['https://go.bsky.app/x', 'Bluesky'],
    ['https://t.me/channel', 'Telegram'],
    ['https://kagi.com/', 'Kagi'],
    ['https://canary.discord.com/', 'Discord'],
    ['https://teams.microsoft.com/', 'Microsoft Teams'],
    ['https://wap.sogou.com/', 'Sogou'],
    ['https://l.threads.com/', 'Threads'],
    ['https://linktr.ee/me', 'Linktree'],
    ['https://word-edit.officeapps.live.com/', 'Microsoft 365'],
    ['https://officeapps.live.com/', 'Microsoft 365'],
    ['https://en.wikipedia.org/wiki/X', 'Wikipedia'],
    ['https://wikipedia.org/', 'Wikipedia'],
    ['https://notwikipedia.org/', 'notwikipedia.org'],
    ['https://www.Example.org/x', 'Example.org'],
    ['https://blog.example.org:8080/x', 'blog.example.org'],
    ['android-app://com.some.app/x', 'android-app://com.some.app'],
    ['https://T.CO/abc', 'X (Twitter)'],
  ])('%s is %s', (referrer, source) => {
    expect(fromReferrer(referrer)).toBe(source)
  })
})

/** How often the bot detector is right: on the crawlers that a public list knows, and on real browsers. */
import { readFileSync } from 'node:fs'
import { isbot } from 'isbot'
import UserAgent from 'user-agents'
import { describe, expect, test } from 'vitest'
import { BotDetector } from './bot-detector.ts'

const bots = new BotDetector()

const crawlers = readFileSync(new URL('crawler-user-agents.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('# ') && line !== '#')

describe('the crawlers of crawler-user-agents', () => {
  const share = (is: (userAgent: string) => boolean) => crawlers.filter(is).length / crawlers.length

  test('are bots in 99.6 of 100 cases, more than isbot alone says', () => {
    expect(crawlers).toHaveLength(2_118)
    const recall = share((userAgent) => bots.reason(userAgent) !== undefined)
    expect(recall).toBeGreaterThanOrEqual(0.996)
    expect(recall).toBeGreaterThan(share((userAgent) => isbot(userAgent)))
  })

  test('have a name in 95 of 100 cases', () => {
    expect(share((userAgent) => bots.reason(userAgent) !== 'crawler:other')).toBeGreaterThanOrEqual(0.95)
  })
})

describe('the real browsers of user-agents', () => {
  const browsers = [...new Set(UserAgent.top(1_000_000).map(({ userAgent }) => userAgent))]

  test('are never bots', () => {
    expect(browsers.length).toBeGreaterThan(900)
    expect(browsers.filter((userAgent) => bots.reason(userAgent) !== undefined)).toEqual([])
  })
})

/** One of each kind that a site meets, and how it names itself today. */
const met = [
  'Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)|crawler:YandexBot',
  'Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)|crawler:Baiduspider',
  'DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)|crawler:DuckDuckBot',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)|crawler:Applebot',
  'Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)|crawler:SemrushBot',
  'Mozilla/5.0 (compatible; MJ12bot/v1.4.8; http://mj12bot.com/)|crawler:MJ12bot',
  'Mozilla/5.0 (compatible; DotBot/1.2; +https://opensiteexplorer.org/dotbot)|crawler:DotBot',
  'Mozilla/5.0 (compatible; PetalBot;+https://webmaster.petalsearch.com/site/petalbot)|crawler:PetalBot',
  'Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)|crawler:Bytespider',
  'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)|crawler:ClaudeBot',
  'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ChatGPT-User/1.0; +https://openai.com/bot)|crawler:ChatGPT-User',
  'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)|crawler:PerplexityBot',
  'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)|crawler:facebookexternalhit',
  'meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)|crawler:meta-externalagent',
  'Twitterbot/1.0|crawler:Twitterbot',
  'LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)|crawler:LinkedInBot',
  'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)|crawler:Slackbot',
  'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)|crawler:Discordbot',
  'TelegramBot (like TwitterBot)|crawler:TelegramBot',
  'WhatsApp/2.23.20.0|crawler:WhatsApp',
  'Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)|crawler:UptimeRobot',
  'Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)|crawler:Pingdom',
  'Mozilla/5.0 (Linux; Android 11; moto g power (2022)) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse|crawler:Chrome-Lighthouse',
  'Screaming Frog SEO Spider/19.0|crawler:Screaming Frog SEO Spider',
  'CCBot/2.0 (https://commoncrawl.org/faq/)|crawler:CCBot',
  'Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)|crawler:archive.org_bot',
  'Feedly/1.0 (+http://www.feedly.com/fetcher.html; 42 subscribers)|crawler:Feedly',
  'AdsBot-Google (+http://www.google.com/adsbot.html)|crawler:AdsBot-Google',
  'Mediapartners-Google|crawler:Mediapartners-Google',
  'GuzzleHttp/7|library:GuzzleHttp',
  'PHP/8.2.1|library:PHP',
  'Java/17.0.8|library:Java',
  'Apache-HttpClient/4.5.14 (Java/17.0.8)|library:Apache-HttpClient',
  'Ruby|library:Ruby',
  'python-httpx/0.27.0|library:httpx',
  'Python-urllib/3.11|library:Python-urllib',
  'Scrapy/2.11.0 (+https://scrapy.org)|library:Scrapy',
  'node-fetch/1.0 (+https://github.com/bitinn/node-fetch)|library:node-fetch',
  'undici|library:undici',
  'libwww-perl/6.67|library:libwww-perl',
  'insomnia/8.6.1|library:Insomnia',
  'Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.3803|library:PowerShell',
] as const

test.each(met.map((row) => row.split('|')))('%s is a bot, by %s', (userAgent = '', reason) => {
  expect(bots.reason(userAgent)).toBe(reason)
})

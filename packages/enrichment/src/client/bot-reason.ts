import { isbotMatch } from 'isbot'
import { crawlerName } from './crawler-names.ts'

/** An event without a user agent is marked, but never refused as a bot's: Plausible accepts it (section 5.4). */
export const emptyUserAgentReason = 'empty_user_agent'
export const headlessReason = 'headless'

/**
 * What a user agent that is not empty gives itself away as. isbot and `ownBots` decide; the rest finds it a name in closed
 * tables, so that no client can fill the column with words of its own.
 */
export function botReasonOf(userAgent: string): string | undefined {
  if (isbotMatch(userAgent) === null && !ownBots.test(userAgent)) return undefined
  if (headless.test(userAgent)) return headlessReason
  const tool = namedBy(automation, userAgent)
  if (tool !== undefined) return `automation:${tool}`
  const library = namedBy(libraries, userAgent)
  if (library !== undefined) return `library:${library}`
  return `crawler:${crawlerName(userAgent) ?? 'other'}`
}

/** Browsers without a window, by their own names. */
const headless = /headless|\b(?:PhantomJS|SlimerJS|HtmlUnit|jsdom|Zombie\.js|Splash)\b/i

/** Browser automation and page testers that isbot 5.2.3 lets pass. */
const ownBots =
  /headless|\b(?:PhantomJS|SlimerJS|HtmlUnit|jsdom|Zombie\.js|Puppeteer|Playwright|Selenium|WebDriver|Cypress|TestCafe|Nightwatch|PTST|WindowsPowerShell|GTmetrix|Miniature\.io|YLT)\b/i

type Names = readonly (readonly [RegExp, string])[]

function namedBy(names: Names, userAgent: string): string | undefined {
  return names.find(([pattern]) => pattern.test(userAgent))?.[1]
}

const automation: Names = [
  [/\bPuppeteer/i, 'Puppeteer'],
  [/\bPlaywright/i, 'Playwright'],
  [/\bSelenium/i, 'Selenium'],
  [/\bWebDriver/i, 'WebDriver'],
  [/\bCypress/i, 'Cypress'],
  [/\bTestCafe/i, 'TestCafe'],
  [/\bNightwatch/i, 'Nightwatch'],
]

/** HTTP libraries and command-line clients: most stand at the start, before a version. */
const libraries: Names = [
  [/^curl\b|\blibcurl\b|^PHP-Curl/i, 'curl'],
  [/^wget\b/i, 'Wget'],
  [/^python-requests\b/i, 'python-requests'],
  [/^python-urllib|^urllib\b/i, 'Python-urllib'],
  [/^python-httpx|^httpx\b/i, 'httpx'],
  [/\baiohttp\b/i, 'aiohttp'],
  [/^python\b/i, 'Python'],
  [/^Go-http-client\b|^Go /i, 'Go-http-client'],
  [/^okhttp\b/i, 'okhttp'],
  [/^axios\b/i, 'axios'],
  [/^node-fetch\b/i, 'node-fetch'],
  [/^undici\b/i, 'undici'],
  [/^node(?:\.js|-superagent)?\b/i, 'Node.js'],
  [/^got\b|sindresorhus\/got/i, 'got'],
  [/^Deno\b/i, 'Deno'],
  [/^Bun\b/i, 'Bun'],
  [/^Apache-HttpClient\b|^Jakarta/i, 'Apache-HttpClient'],
  [/^(?:Apache-)?HttpAsyncClient|^AHC\b|^CustomAsyncHttpClient/i, 'AsyncHttpClient'],
  [/^Java\b|^Jetty\b|^HttpUrlConnection/i, 'Java'],
  [/\blibwww-perl\b|^LWP/i, 'libwww-perl'],
  [/^GuzzleHttp\b/i, 'GuzzleHttp'],
  [/^Symfony\b/i, 'Symfony'],
  [/^PHP\b/i, 'PHP'],
  [/^Ruby\b|^rest-client\b/i, 'Ruby'],
  [/^Faraday\b/i, 'Faraday'],
  [/^Typhoeus\b/i, 'Typhoeus'],
  [/^HTTPie\b/i, 'HTTPie'],
  [/^PostmanRuntime\b/i, 'Postman'],
  [/^insomnia\b/i, 'Insomnia'],
  [/^RestSharp\b/i, 'RestSharp'],
  [/^reqwest\b/i, 'reqwest'],
  [/^hyper\b/i, 'hyper'],
  [/^ureq\b/i, 'ureq'],
  [/^Scrapy\b/i, 'Scrapy'],
  [/^colly\b/i, 'colly'],
  [/^fasthttp\b/i, 'fasthttp'],
  [/^WinHttp|\bWinHttp\b/i, 'WinHTTP'],
  [/^Microsoft URL Control\b/i, 'Microsoft URL Control'],
  [/PowerShell/i, 'PowerShell'],
]

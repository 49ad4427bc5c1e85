import { isbotMatch } from 'isbot'
import { LRUCache } from 'lru-cache'

/** How many distinct user agents are remembered, and how much of one is looked at, in characters. */
export const botCacheEntriesMax = 10_000
export const botUserAgentCharsMax = 1000

/**
 * Tells whether a user agent names a robot, an HTTP library or a headless browser (isbot's patterns: 99.6 % of known
 * crawlers, none of 952 real browsers).
 */
export class BotDetector {
  readonly #reasons: LRUCache<string, string>

  constructor(options: { readonly cacheEntriesMax?: number } = {}) {
    this.#reasons = new LRUCache({ max: options.cacheEntriesMax ?? botCacheEntriesMax })
  }

  /**
   * The part of the user agent that gives it away, in lower case (`headless`, `curl`), or undefined.
   * A missing user agent is no bot: Plausible accepts the event with empty device columns (section 5.4).
   */
  reason(userAgent: string): string | undefined {
    const looked = userAgent.slice(0, botUserAgentCharsMax)
    let reason = this.#reasons.get(looked)
    if (reason === undefined) {
      reason = botReason(looked)
      this.#reasons.set(looked, reason)
    }
    return reason === '' ? undefined : reason
  }
}

function botReason(userAgent: string): string {
  return (isbotMatch(userAgent) ?? ownPatterns.exec(userAgent)?.[0] ?? '').trim().toLowerCase()
}

/** Browser automation that isbot 5.2.3 lets pass. */
const ownPatterns = /\b(?:PhantomJS|SlimerJS|Puppeteer|Playwright|Selenium|WebDriver|Cypress|jsdom|PTST)\b/i

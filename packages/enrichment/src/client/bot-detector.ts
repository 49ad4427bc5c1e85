import { isbotMatch } from 'isbot'
import { LRUCache } from 'lru-cache'

/** How many distinct user agents are remembered, and how much of one is looked at, in characters. */
export const botCacheEntriesMax = 10_000
export const botUserAgentCharsMax = 1000
/** The longest reason, in characters. */
export const botReasonCharsMax = 32

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
   * The word of the user agent that gives it away, in lower case (`headless`, `curl`; `other` where it is none), or undefined.
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
  const match = isbotMatch(userAgent) ?? ownPatterns.exec(userAgent)?.[0]
  if (match === undefined) return ''
  // `curl/8.5.0` is curl: a reason per version would be a column of noise.
  const name = match.toLowerCase().split(/[/\d]/, 1)[0]?.trim().slice(0, botReasonCharsMax) ?? ''
  return name === '' ? 'other' : name
}

/** Browser automation that isbot 5.2.3 lets pass. */
const ownPatterns = /\b(?:PhantomJS|SlimerJS|Puppeteer|Playwright|Selenium|WebDriver|Cypress|jsdom|PTST)\b/i

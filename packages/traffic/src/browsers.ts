import UserAgent from 'user-agents'
import type { TrafficRandom } from './random.ts'
import { WeightedChoice } from './weighted-choice.ts'

/** What a browser says of itself in every request. */
export interface Browser {
  readonly userAgent: string
  readonly headers: Readonly<Record<string, string>>
  readonly screenWidth: number
}

/** Draws browsers by how often they were seen, from the data of `user-agents`. */
export class Browsers {
  readonly #browsers: WeightedChoice<Browser>

  constructor() {
    // Its own drawing takes no seed, so that of its data is ours.
    const seen = UserAgent.top()
    const browsers = seen.map(({ userAgent, screenWidth }) => ({
      userAgent,
      headers: clientHints(userAgent),
      screenWidth,
    }))
    this.#browsers = new WeightedChoice(
      browsers,
      seen.map(({ weight }) => weight),
    )
  }

  draw(random: TrafficRandom): Browser {
    return this.#browsers.draw(random)
  }
}

/** The three hints that Chromium sends to everyone, over https; other browsers send none. */
export function clientHints(userAgent: string): Record<string, string> {
  const version = / Chrome\/(\d+)/.exec(userAgent)?.[1]
  if (version === undefined) return {}
  return {
    'sec-ch-ua': `"Chromium";v="${version}", "Not=A?Brand";v="24", ${ownBrand(userAgent, version)}`,
    'sec-ch-ua-mobile': userAgent.includes(' Mobile ') ? '?1' : '?0',
    'sec-ch-ua-platform': `"${platformOf(userAgent)}"`,
  }
}

function ownBrand(userAgent: string, chromium: string): string {
  for (const [token, brand] of brands) {
    const version = new RegExp(` ${token}/(\\d+)`).exec(userAgent)?.[1]
    if (version !== undefined) return `"${brand}";v="${version}"`
  }
  return `"${userAgent.includes('; wv)') ? 'Android WebView' : 'Google Chrome'}";v="${chromium}"`
}

const brands = [
  ['Edg', 'Microsoft Edge'],
  ['EdgA', 'Microsoft Edge'],
  ['OPR', 'Opera'],
  ['SamsungBrowser', 'Samsung Internet'],
  ['YaBrowser', 'YaBrowser'],
] as const

function platformOf(userAgent: string): string {
  for (const [token, platform] of platforms) if (userAgent.includes(token)) return platform
  return 'Unknown'
}

const platforms = [
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['CrOS', 'Chrome OS'],
  ['Linux', 'Linux'],
] as const

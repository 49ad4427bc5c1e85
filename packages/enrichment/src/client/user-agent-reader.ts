import type { ClientHints } from '@millrace/events'
import { LRUCache } from 'lru-cache'
import { UAParser } from 'ua-parser-js'
import { hintedBrowser, hintedDevice, hintedOs } from './client-hints.ts'
import { deviceClass, type DeviceClass } from './device-class.ts'
import { browserColumns, type BrowserColumns } from './browser-columns.ts'
import { osColumns, type OsColumns } from './os-columns.ts'

/** How many distinct user agents (with their hints) are remembered. */
export const userAgentCacheEntriesMax = 10_000
/** What the parser looks at, in characters; more is not kept either. */
export const userAgentCharsMax = 500

/** The columns that a user agent and its client hints give; unknown ones are empty. */
export interface UserAgentFacts extends BrowserColumns, OsColumns {
  readonly device: DeviceClass
}

/**
 * Reads browser, operating system and device class, named as Plausible stores them (section 5.4): ua-parser-js, then the
 * client hints, which know what browsers have frozen in the user agent (Windows 11, Android's version, Brave).
 */
export class UserAgentReader {
  readonly #facts: LRUCache<string, UserAgentFacts>

  constructor(options: { readonly cacheEntriesMax?: number } = {}) {
    this.#facts = new LRUCache({ max: options.cacheEntriesMax ?? userAgentCacheEntriesMax })
  }

  read(userAgent: string, hints?: ClientHints): UserAgentFacts {
    // Headers hold no line break, but a body may name a user agent, and must not name another one's hints.
    const looked = userAgent.slice(0, userAgentCharsMax).replaceAll('\n', ' ')
    const key = hints === undefined ? looked : `${looked}\n${hintsKey(hints)}`
    let facts = this.#facts.get(key)
    if (facts === undefined) {
      facts = readFacts(looked, hints ?? {})
      this.#facts.set(key, facts)
    }
    return facts
  }
}

function hintsKey({ brands, platform, platformVersion, mobile }: ClientHints): string {
  return [brands, platform, platformVersion, mobile]
    .map((hint) => hint?.slice(0, userAgentCharsMax) ?? '')
    .join('\n')
}

function readFacts(userAgent: string, hints: ClientHints): UserAgentFacts {
  const parser = new UAParser(userAgent)
  const osByUserAgent = osColumns(parser.getOS(), userAgent)
  const os = hintedOs(osByUserAgent, hints)
  const browserByUserAgent = browserColumns(parser.getBrowser(), osByUserAgent.os)
  const browser = hintedBrowser(browserByUserAgent, hints)
  const device = deviceClass({
    type: parser.getDevice().type,
    os: os.os,
    isMobileUserAgent: /\bmobile\b|opera mini/i.test(userAgent),
  })
  return { ...browser, ...os, device: hintedDevice(device, hints) }
}

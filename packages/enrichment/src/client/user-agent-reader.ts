import type { ClientHints } from '@millrace/events'
import { UAParser } from 'ua-parser-js'
import { browserColumns, type BrowserColumns } from './browser-columns.ts'
import { hintedBrowser, hintedOs, withHintedModel } from './client-hints.ts'
import { deviceClass, type DeviceClass } from './device-class.ts'
import { osColumns, type OsColumns } from './os-columns.ts'
import { TextCache } from './text-cache.ts'

/** How many distinct user agents (with their hints) are remembered, and in how many bytes. */
export const userAgentCacheEntriesMax = 10_000
export const userAgentCacheBytesMax = 16_000_000
/** What is looked at, in characters; more is not kept either. */
export const userAgentCharsMax = 500

/** The columns that a user agent and its client hints give; unknown ones are empty. */
export interface UserAgentFacts extends BrowserColumns, OsColumns {
  readonly device: DeviceClass
}

/**
 * Reads browser, operating system and device class, named as Plausible stores them (section 5.4): ua-parser-js, then the
 * client hints, which know what browsers have frozen in the user agent (Windows 11, Android's version and model, Brave).
 */
export class UserAgentReader {
  readonly #facts: TextCache<UserAgentFacts>

  constructor(options: { readonly cacheEntriesMax?: number; readonly cacheBytesMax?: number } = {}) {
    this.#facts = new TextCache({
      entriesMax: options.cacheEntriesMax ?? userAgentCacheEntriesMax,
      bytesMax: options.cacheBytesMax ?? userAgentCacheBytesMax,
    })
  }

  read(userAgent: string, hints?: ClientHints): UserAgentFacts {
    // Headers hold no line break, but a body may name a user agent, and must not name another one's hints.
    const looked = lookedAt(userAgent)
    const key = hints === undefined ? looked : `${looked}\n${hintsKey(hints)}`
    let facts = this.#facts.get(key)
    if (facts === undefined) {
      facts = readFacts(looked, hints ?? {})
      this.#facts.set(key, facts)
    }
    return facts
  }

  /** Upper bound of the bytes that remembered user agents take. */
  get cacheBytes(): number {
    return this.#facts.bytes
  }
}

function hintsKey({ brands, platform, platformVersion, mobile, model }: ClientHints): string {
  const system = `${lookedAt(platform)}\n${lookedAt(platformVersion)}`
  return `${lookedAt(brands)}\n${system}\n${lookedAt(mobile)}\n${lookedAt(model)}`
}

function lookedAt(text = ''): string {
  const start = text.length > userAgentCharsMax ? text.slice(0, userAgentCharsMax) : text
  return start.includes('\n') ? start.replaceAll('\n', ' ') : start
}

function readFacts(userAgent: string, hints: ClientHints): UserAgentFacts {
  const parser = new UAParser(userAgent)
  const hinted = withHintedModel(userAgent, hints)
  const device = (hinted === userAgent ? parser : new UAParser(hinted)).getDevice()
  const browser = hintedBrowser(browserColumns(parser.getBrowser(), userAgent), hints)
  const os = hintedOs(osColumns(parser.getOS(), hinted), hints)
  return {
    ...browser,
    ...os,
    device: deviceClass({
      type: device.type,
      vendor: device.vendor,
      os: os.os,
      userAgent: hinted,
      mobileHint: hints.mobile,
    }),
  }
}

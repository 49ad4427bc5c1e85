import type { ClientHints } from '@millrace/events'
import { mobileApp, type BrowserColumns } from './browser-columns.ts'
import type { DeviceClass } from './device-class.ts'
import type { OsColumns } from './os-columns.ts'
import { majorMinor } from './version.ts'

/**
 * The browser that the brands name, over the one in the user agent: Brave and others call themselves Chrome there.
 * An in-app browser stays one. Unknown brands are not believed, so that the column stays one of known names.
 */
export function hintedBrowser(byUserAgent: BrowserColumns, { brands }: ClientHints): BrowserColumns {
  if (brands === undefined || byUserAgent.browser === mobileApp) return byUserAgent
  const known = brandsOf(brands).filter(({ brand }) => brandNames.has(brand))
  // `Chromium` names the engine, and every one lists it; most that are not Google's add their own name, some add
  // Google Chrome as well.
  const chosen = known.find(({ brand }) => brand !== 'google chrome') ?? known[0]
  if (chosen === undefined) return byUserAgent
  const browser = brandNames.get(chosen.brand) ?? ''
  return { browser, browserVersion: brandVersion(chosen.version, byUserAgent.browserVersion) }
}

/** The system and version that the platform hints name; a distribution of Linux in the user agent is kept. */
export function hintedOs(byUserAgent: OsColumns, hints: ClientHints): OsColumns {
  const platform = unquoted(hints.platform)
  const os = platformNames.get(platform)
  if (os === undefined) return byUserAgent
  if (os === 'GNU/Linux') return desktopLinux(byUserAgent)
  const version = unquoted(hints.platformVersion)
  if (os === 'Windows') return windows(byUserAgent, version)
  const fallback = byUserAgent.os === os ? byUserAgent.osVersion : ''
  return { os, osVersion: version === '' ? fallback : majorMinor(version) }
}

/** `Sec-CH-UA-Mobile: ?1` is a phone, also where the user agent has no model (`Android 10; K`) or plays desktop. */
export function hintedDevice(byUserAgent: DeviceClass, { mobile }: ClientHints): DeviceClass {
  return mobile === '?1' ? 'Mobile' : byUserAgent
}

interface Brand {
  /** Lower case. */
  readonly brand: string
  readonly version: string
}

/** The most brands of one header that are read. */
const brandsMax = 16

/** Reads `"Chromium";v="140.0.1", "Not=A?Brand";v="24"`; the deliberate nonsense brand is known to no table. */
function brandsOf(header: string): Brand[] {
  const found: Brand[] = []
  for (const [, brand = '', version = ''] of header.matchAll(/"((?:[^"\\]|\\.)*)"\s*;\s*v="([\d.]*)"/g)) {
    found.push({ brand: brand.toLowerCase(), version })
    if (found.length === brandsMax) break
  }
  return found
}

/** Low-entropy brands carry the major alone; the user agents of the same browser say `140.0`, and so do we. */
function brandVersion(version: string, byUserAgent: string): string {
  if (version.includes('.')) return majorMinor(version)
  return byUserAgent.split('.', 1)[0] === version ? byUserAgent : version === '' ? '' : `${version}.0`
}

/** A phone in desktop mode pretends to be Linux, so only a Linux in the user agent is believed over the hint. */
function desktopLinux(byUserAgent: OsColumns): OsColumns {
  return notDesktopLinux.has(byUserAgent.os) ? { os: 'GNU/Linux', osVersion: '' } : byUserAgent
}

/** Microsoft's table: the hint counts API versions, and 13 and above are Windows 11. */
function windows(byUserAgent: OsColumns, version: string): OsColumns {
  const fallback = byUserAgent.os === 'Windows' ? byUserAgent.osVersion : ''
  const osVersion =
    oldWindows.get(majorMinor(version)) ?? newWindows(Number.parseInt(version, 10)) ?? fallback
  return { os: 'Windows', osVersion }
}

function newWindows(major: number): string | undefined {
  if (!(major >= 1)) return undefined
  return major >= 13 ? '11' : '10'
}

const oldWindows: ReadonlyMap<string, string> = new Map([
  ['0.1', '7'],
  ['0.2', '8'],
  ['0.3', '8.1'],
])

const notDesktopLinux: ReadonlySet<string> = new Set(['', 'Android', 'Windows', 'Mac', 'iOS', 'iPadOS'])

const platformNames: ReadonlyMap<string, string> = new Map([
  ['windows', 'Windows'],
  ['macos', 'Mac'],
  ['android', 'Android'],
  ['chrome os', 'Chrome OS'],
  ['chromium os', 'Chrome OS'],
  ['ios', 'iOS'],
  ['linux', 'GNU/Linux'],
])

const brandNames: ReadonlyMap<string, string> = new Map([
  ['google chrome', 'Chrome'],
  ['microsoft edge', 'Microsoft Edge'],
  ['microsoft edge webview2', mobileApp],
  ['android webview', mobileApp],
  ['headlesschrome', 'Headless Chrome'],
  ['brave', 'Brave'],
  ['opera', 'Opera'],
  ['opera mobile', 'Opera'],
  ['opera gx', 'Opera GX'],
  ['vivaldi', 'Vivaldi'],
  ['yandex', 'Yandex Browser'],
  ['yabrowser', 'Yandex Browser'],
  ['yowser', 'Yandex Browser'],
  ['samsung internet', 'Samsung Browser'],
  ['duckduckgo', 'DuckDuckGo Privacy Browser'],
  ['huaweibrowser', 'Huawei Browser'],
  ['whale', 'Whale Browser'],
  ['coccoc', 'Coc Coc'],
  ['avast secure browser', 'Avast Secure Browser'],
  ['avg secure browser', 'AVG Secure Browser'],
  ['norton secure browser', 'Norton Secure Browser'],
  ['miuibrowser', 'MIUI Browser'],
  ['silk', 'Mobile Silk'],
])

/** A structured-header string without its quotes, lower case. */
function unquoted(text: string | undefined): string {
  return text === undefined
    ? ''
    : text
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .toLowerCase()
}

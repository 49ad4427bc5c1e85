import type { ClientHints } from '@millrace/events'
import { mobileApp, type BrowserColumns } from './browser-columns.ts'
import { brandNames } from './browser-names.ts'
import type { OsColumns } from './os-columns.ts'
import { majorMinor } from './version.ts'

/**
 * The browser that the brands name, over the one in the user agent: Brave and others call themselves Chrome there. An in-app
 * browser stays one. Unknown brands, and so the deliberate nonsense one, are not believed: the column stays one of known names.
 */
export function hintedBrowser(byUserAgent: BrowserColumns, { brands }: ClientHints): BrowserColumns {
  if (brands === undefined || byUserAgent.browser === mobileApp) return byUserAgent
  const listed = brandsOf(brands)
  const webView = listed.find(({ brand }) => webViews.has(brand))
  if (webView !== undefined) return { browser: mobileApp, browserVersion: longVersion(webView.version) }
  const known = listed.filter(({ brand }) => brandNames.has(brand))
  // `Chromium` names the engine, and every one lists it; most that are not Google's add their own name, some add
  // Google Chrome as well.
  const chosen = known.find(({ brand }) => brand !== 'google chrome') ?? known[0]
  if (chosen === undefined) return byUserAgent
  const browser = brandNames.get(chosen.brand) ?? ''
  if (isLessThan(byUserAgent, browser)) return byUserAgent
  return { browser, browserVersion: brandVersion(chosen.version, browser, byUserAgent) }
}

/** The system and version that the platform hints name; what only the user agent knows better is kept. */
export function hintedOs(byUserAgent: OsColumns, hints: ClientHints): OsColumns {
  const os = platformNames.get(unquoted(hints.platform).toLowerCase())
  if (os === undefined) return byUserAgent
  if (os === 'GNU/Linux') return desktopLinux(byUserAgent)
  if (os === 'Android' && androidKinds.has(byUserAgent.os)) return byUserAgent
  const version = unquoted(hints.platformVersion)
  if (os === 'Windows') return windows(byUserAgent, version)
  const fallback = byUserAgent.os === os ? byUserAgent.osVersion : ''
  return { os, osVersion: /^\d/.test(version) ? majorMinor(version) : fallback }
}

/**
 * The user agent with the model that the hints name, which browsers have frozen to `Android 10; K`, so that a tablet or a
 * television is told from a phone.
 */
export function withHintedModel(userAgent: string, hints: ClientHints): string {
  const model = unquoted(hints.model).replace(/[;()]/g, ' ').trim()
  if (model === '' || unquoted(hints.platform).toLowerCase() !== 'android') return userAgent
  if (frozenModel.test(userAgent)) return userAgent.replace(frozenModel, `$1; ${model})`)
  // In desktop mode the user agent is a computer's.
  return /\bAndroid\b/.test(userAgent) ? userAgent : `Mozilla/5.0 (Linux; Android 10; ${model}) Chrome Safari`
}

const frozenModel = /(\bAndroid [\d.]+); K\)/

interface Brand {
  /** Lower case. */
  readonly brand: string
  readonly version: string
}

/** The most brands of one header that are read. */
const brandsMax = 16

/** Reads `"Chromium";v="140.0.1", "Not=A?Brand";v="24"`. */
function brandsOf(header: string): Brand[] {
  const found: Brand[] = []
  for (const [, brand = '', version = ''] of header.matchAll(/"((?:[^"\\]|\\.)*)"\s*;\s*v="([\d.]*)"/g)) {
    found.push({ brand: brand.toLowerCase(), version })
    if (found.length === brandsMax) break
  }
  return found
}

/** Google's own brand says less than another browser's name in the user agent: some list it to be let in. */
function isLessThan({ browser }: BrowserColumns, hinted: string): boolean {
  return hinted === 'Chrome' && browser !== '' && !chromeKinds.has(browser)
}

const chromeKinds: ReadonlySet<string> = new Set(['Chrome', 'Chromium', 'Safari', 'Android Browser'])

/** The same browser in both: the user agent has its own version, where brands may repeat Chromium's (Opera). */
function brandVersion(version: string, browser: string, byUserAgent: BrowserColumns): string {
  const known = byUserAgent.browserVersion
  if (byUserAgent.browser === browser && known !== '') {
    return browser !== 'Chrome' || known.split('.', 1)[0] === version.split('.', 1)[0]
      ? known
      : longVersion(version)
  }
  return longVersion(version)
}

/** Low-entropy brands carry the major alone; the user agents of the same browser say `140.0`, and so do we. */
function longVersion(version: string): string {
  return version === '' || version.includes('.') ? majorMinor(version) : `${version}.0`
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

/** Systems made of Android, which say `Android` in the hints. */
const androidKinds: ReadonlySet<string> = new Set(['Fire OS', 'HarmonyOS'])

const notDesktopLinux: ReadonlySet<string> = new Set(['', 'Android', 'Windows', 'Mac', 'iOS', 'iPadOS'])

const platformNames: ReadonlyMap<string, string> = new Map([
  ['windows', 'Windows'],
  ['macos', 'Mac'],
  ['mac os x', 'Mac'],
  ['android', 'Android'],
  ['chrome os', 'Chrome OS'],
  ['chromium os', 'Chrome OS'],
  ['chromeos', 'Chrome OS'],
  ['ios', 'iOS'],
  ['linux', 'GNU/Linux'],
  ['fuchsia', 'Fuchsia'],
])

const webViews: ReadonlySet<string> = new Set(['android webview', 'microsoft edge webview2'])

/** A structured-header string without its quotes. */
function unquoted(text: string | undefined): string {
  return text === undefined ? '' : text.trim().replace(/^"(.*)"$/, '$1')
}

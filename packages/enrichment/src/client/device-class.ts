/** Plausible's classes (column `screen_size` there): from the device type, never from pixels. Empty: unknown. */
export type DeviceClass = 'Mobile' | 'Tablet' | 'Desktop' | ''

export interface DeviceFacts {
  /** What ua-parser-js says. */
  readonly type: string | undefined
  readonly vendor: string | undefined
  readonly os: string
  readonly userAgent: string
  /** `Sec-CH-UA-Mobile`. */
  readonly mobileHint: string | undefined
}

/**
 * Folds a device type: phones, players, wearables and cameras are Mobile, tablets and cars Tablet, televisions, consoles and
 * desktops Desktop (Plausible, section 5.4). Where the user agent names no device, its operating system decides.
 */
export function deviceClass(facts: DeviceFacts): DeviceClass {
  const { type, vendor, os, userAgent, mobileHint } = facts
  // First: many televisions run Android and call themselves mobile.
  if (televisions.test(userAgent) || consoles.test(userAgent) || os === 'Roku OS' || os === 'tvOS') {
    return 'Desktop'
  }
  if (speakers.test(userAgent)) return ''
  // The hint is `?1` on a phone also where the user agent has no model (`Android 10; K`) or plays desktop.
  if (mobileHint?.trim() === '?1') return 'Mobile'
  // Of a model that it does not know, ua-parser-js takes `Mobile DuckDuckGo/5 Safari` for a tablet's.
  const isGuess = type === 'tablet' && vendor === undefined
  return (isGuess ? undefined : classes.get(type ?? '')) ?? classByOs(os, userAgent)
}

const classes: ReadonlyMap<string, DeviceClass> = new Map([
  ['mobile', 'Mobile'],
  ['wearable', 'Mobile'],
  ['xr', 'Mobile'],
  ['tablet', 'Tablet'],
  ['embedded', 'Tablet'],
  ['smarttv', 'Desktop'],
  ['console', 'Desktop'],
])

function classByOs(os: string, userAgent: string): DeviceClass {
  const isMobile = /\bmobile\b|opera mini|\bphone\b/i.test(userAgent)
  if (os === 'Android' || os === 'Fire OS' || os === 'HarmonyOS' || os === 'OpenHarmony') {
    // A browser that does not call itself mobile is on a tablet; an app says nothing either way.
    return !isMobile && /\b(?:tablet|chrome|safari|firefox|opera)\b/i.test(userAgent) ? 'Tablet' : 'Mobile'
  }
  if (os === 'iPadOS' || os === 'BlackBerry Tablet OS') return 'Tablet'
  if (mobileSystems.has(os)) return 'Mobile'
  if (os === 'Windows' && /\bTouch\b/.test(userAgent)) return 'Tablet'
  // What is neither a phone's system nor unknown runs on desks: Windows, Mac and the many names of Linux and BSD.
  return os === '' ? '' : isMobile ? 'Mobile' : 'Desktop'
}

const mobileSystems: ReadonlySet<string> = new Set([
  'iOS',
  'watchOS',
  'Windows Phone',
  'Windows Mobile',
  'BlackBerry OS',
  'KaiOS',
  'Firefox OS',
  'Symbian OS',
  'Symbian OS Series 40',
  'Bada',
  'Sailfish OS',
  'Ubuntu Touch',
])

/** Televisions, set-top boxes and sticks, by their systems, standards and the commonest models. */
const televisions = new RegExp(
  [
    String.raw`\bsmart[-_ ]?tv|\bhbbtv\b|\bce-html\b|\bgoogle ?tv\b|\bandroid ?tv\b|\bapple ?tv|\bfire ?tv|\bopera tv\b|\btv safari\b`,
    String.raw`\bweb0s\b|\bnetcast\b|\bnettv\b|\bwhaletv\b|\bvidaa\b|\btitanos\b|\bviziocast|\binettvbrowser\b|\btv bro\b|\bmaple(?:browser| ?\d)`,
    String.raw`\broku\b|\bcrkey\b|\bchromecast\b|\bbravia\b|\bviera\b|\baquos-?tv|\bdtv\b|\bphilipstv|\bbrightsign\b|\bfreebox\b`,
    String.raw`; aft[a-z0-9]{1,8}(?: build|\)|;)|\bmi ?tv|\bmi ?box|\bshield android tv|\bnexus player\b|\badt-\d|\bset-?top|\bstb\b`,
    String.raw`; [^;)]*(?:\b(?:box|stick)\b|[ _]shell[ _]|\bled\d\d)|; (?:h96|x96|t95|tx[369]|mxq|a95x|gt-?king|hk1|mecool|beelink|tanix|ugoos|vontar|dune hd)`,
    String.raw`; (?:tcl|hisense|sharp|toshiba|skyworth|panasonic)[^;)]*\btv\b|; \w[^;)]*\b(?:tv|tv box|tvbox|[48]k)(?: build|\)|;)`,
  ].join('|'),
  'i',
)

const consoles = /\bPlayStation\b|\bNintendo\b|\bXbox\b|\bOUYA\b|\bArchos GamePad/i

/** Plausible's table has no class for a speaker, with or without a screen. */
const speakers = /; AEO[A-Z]{2,4}(?: Build|\)|;)/

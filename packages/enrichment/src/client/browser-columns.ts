import { browserNames } from './browser-names.ts'
import { majorMinor } from './version.ts'

export interface BrowserColumns {
  readonly browser: string
  readonly browserVersion: string
}

/** What stands for every application that shows pages without being a browser. */
export const mobileApp = 'Mobile App'

/**
 * Browser and its version as stored: the device database's names (Matomo's), variants of one browser folded, in-app
 * browsers as Mobile App. Plausible, section 5.4.
 * @param parsed what ua-parser-js says
 */
export function browserColumns(
  parsed: { readonly name?: string | undefined; readonly version?: string | undefined },
  userAgent: string,
): BrowserColumns {
  if (apps.test(userAgent)) return { browser: mobileApp, browserVersion: '' }
  const own = ownBrowser(userAgent)
  if (own !== undefined) return own
  const { name, version } = parsed
  if (name === undefined) return { browser: '', browserVersion: '' }
  if (name === 'Chrome WebView') return { browser: mobileApp, browserVersion: majorMinor(version) }
  if (name === 'Android Browser') return androidBrowser(userAgent)
  // An engine without a browser: on iOS a page shown inside an app; elsewhere unknown. Its version is the engine's.
  if (name === 'WebKit') return { browser: isIos.test(userAgent) ? 'Safari' : '', browserVersion: '' }
  return { browser: browserNames.get(name.toLowerCase()) ?? name, browserVersion: majorMinor(version) }
}

const isIos = /\b(?:iPhone|iPad|iPod)\b/

/** `Version/4.0 Chrome/83` is a web view of Android 4.4; without Chrome it is the browser that Android 4 came with. */
function androidBrowser(userAgent: string): BrowserColumns {
  const chrome = /\bChrome\/([\d.]+)/.exec(userAgent)?.[1]
  return chrome === undefined
    ? { browser: 'Android Browser', browserVersion: '' }
    : { browser: mobileApp, browserVersion: majorMinor(chrome) }
}

/**
 * Applications that show pages, by the words they add to the user agent: social networks and messengers, search apps, mail,
 * news and shopping apps. A page in them is no visit by a browser.
 */
const apps = new RegExp(
  [
    String.raw`\bFB(?:AN|AV|_IAB|IOS|4A|SV)\b|\[FB|\bMessenger(?:Lite)?(?:For|/)|\bBarcelona\b|\bInstagram\b`,
    String.raw`\bMicroMessenger/|\bWeChat/|\bQQ/\d|\bWeibo|__weibo__|\bDingTalk\b|\bAlipay|\baweme\b|\bToutiaoMicroApp`,
    String.raw`\bTikTok\b|musical_ly|BytedanceWebview|\btrill_|\bSnapchat\b|\bPinterest\b|\bLinkedInApp\b|\bReddit/`,
    String.raw`\bTwitter(?:Android| for)|\bLine/|\bKAKAO(?:TALK|STORY)\b|\bNAVER\(|\bDaumApps\b|\bZalo\b|\bVKAndroidApp\b`,
    String.raw`\bWhatsApp/|\bTelegram(?:-Android|/)|\bViber/|\bSlack(?:_SSB|/)|\bDiscord/|\bTeams(?:Mobile)?/|\bSkype`,
    String.raw`\bGSA/|\bGoogleApp\b|\bYJApp|\bYaApp|\bbaiduboxapp\b|\bBingSapphire/|\bSmartNews|\bFlipboard/`,
    String.raw`\bKlarna/|\bAmazon(?:webview|\.com)|\bEbayi|\bSpotify/|\bElectron/|\bCapacitor\b|\bOutlook-`,
  ].join('|'),
  'i',
)

/** Browsers that ua-parser-js does not know, or tells too late: mark in the user agent, name. */
const ownBrowsers: readonly (readonly [RegExp, string])[] = [
  [/\bDdg\/([\d.]+)/, 'DuckDuckGo Privacy Browser'],
  [/\(BB10;.*\bVersion\/([\d.]+)/, 'BlackBerry Browser'],
  [/\bYaBrowser\/([\d.]+)/, 'Yandex Browser'],
  [/\bEcosia(?: (?:android|ios)@|\/)([\d.]*)/i, 'Ecosia'],
  [/\bAloha(?:Browser)?\/([\d.]+)/, 'Aloha Browser'],
  [/\bPHX\/([\d.]+)/, 'Phoenix Browser'],
  [/\bCCleaner\/([\d.]+)/, 'CCleaner'],
  [/\bAvira\/([\d.]+)/, 'Avira Secure Browser'],
  [/\bNorton\/([\d.]+)/, 'Norton Private Browser'],
  [/\bAvastSecureBrowser\/([\d.]+)/, 'Avast Secure Browser'],
  [/\bMint Browser\/([\d.]+)/, 'Mint Browser'],
  [/\bRealmeBrowser\/([\d.]+)/, 'Realme Browser'],
  [/\bMZBrowser\/([\d.]+)/, 'Meizu Browser'],
  [/\bJio(?:Browser|Pages|Sphere)\/([\d.]+)/, 'Jio Browser'],
  [/\bhola_browser\/([\d.]+)|\bHola\/([\d.]+)/, 'hola! Browser'],
  [/\bHBPC\/([\d.]+)/, 'Huawei Browser'],
  [/\bKinza\/([\d.]+)/, 'Kinza'],
  [/\bIron\/([\d.]+)/, 'Iron'],
  [/\bFalkon\/([\d.]+)/, 'Falkon'],
  [/\bqutebrowser\/([\d.]+)/, 'Qutebrowser'],
  [/\bQtWebEngine\/([\d.]+)/, 'QtWebEngine'],
  [/\bTV Bro\/([\d.]+)/, 'TV Bro'],
  [/\bOdin\/([\d.]+)/, 'Odin'],
  [/\bPale ?Moon\/([\d.]+)/i, 'Pale Moon'],
  [/\bWaterfox\/([\d.]+)/i, 'Waterfox'],
  [/\bSeaMonkey\/([\d.]+)/i, 'SeaMonkey'],
  [/\bBasilisk\/([\d.]+)/i, 'Basilisk'],
  [
    /\bNetFront(?:Browser)?\/([\d.]+)|\bPlayStation(?!.*\bSilk)|\bNintendo (?:3DS|WiiU|Switch)| N[XF]\/\d+\.\d+\.\d+/i,
    'NetFront',
  ],
]

function ownBrowser(userAgent: string): BrowserColumns | undefined {
  for (const [pattern, browser] of ownBrowsers) {
    const match = pattern.exec(userAgent)
    if (match !== null) return { browser, browserVersion: majorMinor(match[1] ?? match[2]) }
  }
  return undefined
}

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
  os: string,
): BrowserColumns {
  const { name, version } = parsed
  if (name === undefined) return { browser: '', browserVersion: '' }
  if (apps.has(name)) return { browser: mobileApp, browserVersion: '' }
  if (name === 'Chrome WebView') return { browser: mobileApp, browserVersion: majorMinor(version) }
  if (name === 'WebKit') return webKit(os)
  return { browser: browserNames.get(name) ?? name, browserVersion: majorMinor(version) }
}

/** An engine without a browser: on iOS a page shown inside an app; elsewhere unknown. Its version is the engine's. */
function webKit(os: string): BrowserColumns {
  return { browser: os === 'iOS' || os === 'iPadOS' ? 'Safari' : '', browserVersion: '' }
}

const apps: ReadonlySet<string> = new Set([
  'Alipay',
  'Daum',
  'Facebook',
  'GSA',
  'Instagram',
  'KAKAOSTORY',
  'KAKAOTALK',
  'KakaoStory',
  'KakaoTalk',
  'Klarna',
  'Line',
  'LinkedIn',
  'NAVER',
  'Snapchat',
  'TikTok',
  'Twitter',
  'WeChat',
  'Weibo',
])

/** Where ua-parser-js's name is not the stored one. */
const browserNames: ReadonlyMap<string, string> = new Map([
  ['2345Explorer', '2345 Browser'],
  ['360', '360 Secure Browser'],
  ['Avast Secure Browser', 'Avast Secure Browser'],
  ['Baidu', 'Baidu Browser'],
  ['Chrome Headless', 'Headless Chrome'],
  ['Coc Coc', 'Coc Coc'],
  ['DuckDuckGo', 'DuckDuckGo Privacy Browser'],
  ['Edge', 'Microsoft Edge'],
  ['HeyTap', 'HeyTapBrowser'],
  ['IE', 'Internet Explorer'],
  ['IEMobile', 'IE Mobile'],
  ['Mobile Safari', 'Safari'],
  ['Opera Mini', 'Opera'],
  ['Opera Mobi', 'Opera'],
  ['Opera Tablet', 'Opera'],
  ['QQ', 'QQ Browser'],
  ['QQBrowser', 'QQ Browser'],
  ['QQBrowserLite', 'QQ Browser Lite'],
  ['Samsung Internet', 'Samsung Browser'],
  ['Silk', 'Mobile Silk'],
  ['UCBrowser', 'UC Browser'],
  ['Vivo Browser', 'vivo Browser'],
  ['Whale', 'Whale Browser'],
  ['Yandex', 'Yandex Browser'],
])

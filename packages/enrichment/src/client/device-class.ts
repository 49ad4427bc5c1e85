/** Plausible's classes (column `screen_size` there): from the device type, never from pixels. Empty: unknown. */
export type DeviceClass = 'Mobile' | 'Tablet' | 'Desktop' | ''

/**
 * Folds a device type: phones, players, wearables and cameras are Mobile, tablets and cars Tablet, televisions, consoles and
 * desktops Desktop (Plausible, section 5.4). Where the user agent names no device, its operating system decides.
 * @param options.type what ua-parser-js says
 */
export function deviceClass(options: {
  readonly type: string | undefined
  readonly os: string
  readonly isMobileUserAgent: boolean
}): DeviceClass {
  const { type, os, isMobileUserAgent } = options
  return classes.get(type ?? '') ?? classByOs(os, isMobileUserAgent)
}

const classes: ReadonlyMap<string, DeviceClass> = new Map([
  ['mobile', 'Mobile'],
  ['wearable', 'Mobile'],
  ['tablet', 'Tablet'],
  ['embedded', 'Tablet'],
  ['smarttv', 'Desktop'],
  ['console', 'Desktop'],
])

function classByOs(os: string, isMobileUserAgent: boolean): DeviceClass {
  if (os === 'Android') return isMobileUserAgent ? 'Mobile' : 'Tablet'
  if (os === 'iPadOS') return 'Tablet'
  if (mobileSystems.has(os)) return 'Mobile'
  // What is neither a phone's system nor unknown runs on desks: Windows, Mac and the many names of Linux and BSD.
  return os === '' ? '' : isMobileUserAgent ? 'Mobile' : 'Desktop'
}

const mobileSystems: ReadonlySet<string> = new Set([
  'iOS',
  'watchOS',
  'Windows Phone',
  'Windows Mobile',
  'BlackBerry OS',
  'KaiOS',
  'HarmonyOS',
  'OpenHarmony',
  'Firefox OS',
  'Symbian',
  'Series40',
  'Bada',
  'Sailfish OS',
])

import { majorMinor } from './version.ts'

export interface OsColumns {
  readonly os: string
  readonly osVersion: string
}

/**
 * Operating system and version as stored, by the device database's names (`Mac`, not `macOS`; Plausible, section 5.4).
 * @param parsed what ua-parser-js says
 */
export function osColumns(
  parsed: { readonly name?: string | undefined; readonly version?: string | undefined },
  userAgent: string,
): OsColumns {
  const own = ownOs(userAgent)
  if (own !== undefined) return own
  const { name, version } = parsed
  if (name === undefined) return { os: '', osVersion: '' }
  const os = osNames.get(name.toLowerCase()) ?? name
  return special(os, version ?? '', userAgent) ?? { os, osVersion: plainVersion(os, version) }
}

/** Systems that ua-parser-js does not know, or takes for another. */
function ownOs(userAgent: string): OsColumns | undefined {
  for (const [pattern, os] of ownSystems) {
    const match = pattern.exec(userAgent)
    if (match !== null) return { os, osVersion: majorMinor(match[1] ?? match[2]) }
  }
  return undefined
}

const ownSystems: readonly (readonly [RegExp, string])[] = [
  [/\btvOS[ /]([\d.]+)|\bAppleTV[\d,]*\/([\d.]+)/, 'tvOS'],
  [/\bRoku(?:OS)?\/(?:DVP-)?([\d.]+)|\bRoku; (?:AP|UI); ([\d.]+)/, 'Roku OS'],
  [/\bRoku\b/, 'Roku OS'],
  [/\bOpenHarmony ([\d.]+)/, 'OpenHarmony'],
  // Before its version it says the version of Android that it can stand in for.
  [/\bHarmonyOS(?:[/ ]([\d.]+))?/, 'HarmonyOS'],
  [/\(BB10;.*\bVersion\/([\d.]+)/, 'BlackBerry OS'],
  [/\bFire OS\/([\d.]+)/, 'Fire OS'],
]

function special(os: string, version: string, userAgent: string): OsColumns | undefined {
  // iPads report iOS in the user agent; since 13 the system is iPadOS.
  if (os === 'iOS' && /\biPad\b/.test(userAgent) && Number.parseInt(version, 10) >= 13) {
    return { os: 'iPadOS', osVersion: majorMinor(version) }
  }
  if (os === 'Android' && fireDevice.test(userAgent)) {
    return { os: 'Fire OS', osVersion: fireVersions.get(version.split('.', 1)[0] ?? '') ?? '' }
  }
  if (os === 'webOS') return { os, osVersion: webOsVersion(version, userAgent) }
  if (os === 'Xbox') return { os: 'Windows', osVersion: windowsVersion(userAgent) }
  if (os === 'Windows' && /Windows NT 5\.2\b/.test(userAgent)) return { os, osVersion: 'Server 2003' }
  return gamesConsole(os, version)
}

function gamesConsole(os: string, version: string): OsColumns | undefined {
  if (os === 'PlayStation' && !/^\d/.test(version)) return { os: 'PlayStation Portable', osVersion: version }
  if (os !== 'Nintendo') return undefined
  if (version.startsWith('3') || version.startsWith('D')) return { os: 'Nintendo Mobile', osVersion: version }
  return version.startsWith('S') ? { os: 'Nintendo Switch', osVersion: '' } : { os, osVersion: 'Wii' }
}

/** Linux carries a processor (`x86_64`) where others carry a version; Windows has words (`XP`, `Vista`). */
function plainVersion(os: string, version: string | undefined): string {
  return version !== undefined && (os === 'Windows' || /^\d/.test(version)) ? majorMinor(version) : ''
}

/** Amazon's tablets and television sticks. */
const fireDevice = /\bSilk\/|; (?:AFT|KF)[A-Z0-9]{1,8}(?: Build|\)|;)/

/** By the major of the Android that the user agent names. */
const fireVersions: ReadonlyMap<string, string> = new Map([
  ['11', '8'],
  ['9', '7'],
  ['7', '6'],
  ['5', '5'],
  ['4', '4'],
])

/** Televisions name the browser's Chrome alone, which tells the system's release. */
function webOsVersion(version: string, userAgent: string): string {
  if (/^\d/.test(version)) return majorMinor(version)
  const chrome = /\bWeb0S\b.*\bChrome\/(\d+)/.exec(userAgent)?.[1]
  return webOsByChrome.get(chrome ?? '') ?? ''
}

const webOsByChrome: ReadonlyMap<string, string> = new Map([
  ['38', '3'],
  ['53', '4'],
  ['68', '5'],
  ['79', '6'],
  ['87', '22'],
  ['94', '23'],
  ['108', '24'],
  ['120', '25'],
])

function windowsVersion(userAgent: string): string {
  const nt = /\bWindows NT (\d+\.\d+)/.exec(userAgent)?.[1]
  return nt === undefined ? '' : (windowsByNt.get(nt) ?? '')
}

const windowsByNt: ReadonlyMap<string, string> = new Map([
  ['6.1', '7'],
  ['6.2', '8'],
  ['6.3', '8.1'],
  ['10.0', '10'],
])

/** The stored name by ua-parser-js's in lower case: it repeats the user agent's letters. */
const osNames: ReadonlyMap<string, string> = new Map([
  ['android', 'Android'],
  ['android-x86', 'Android'],
  ['arch', 'Arch Linux'],
  ['blackberry', 'BlackBerry OS'],
  ['centos', 'CentOS'],
  ['chromecast', 'GNU/Linux'],
  ['chromium os', 'Chrome OS'],
  ['debian', 'Debian'],
  ['fedora', 'Fedora'],
  ['freebsd', 'FreeBSD'],
  ['gentoo', 'Gentoo'],
  ['gnu', 'GNU/Linux'],
  ['haiku', 'Haiku OS'],
  ['kaios', 'KaiOS'],
  ['kubuntu', 'Kubuntu'],
  ['linux', 'GNU/Linux'],
  ['lubuntu', 'Lubuntu'],
  ['mac os', 'Mac'],
  ['mint', 'Mint'],
  ['netbsd', 'NetBSD'],
  ['nettv', 'GNU/Linux'],
  ['nintendo', 'Nintendo'],
  ['openbsd', 'OpenBSD'],
  ['opensuse', 'SUSE'],
  ['palm', 'palmOS'],
  ['playstation', 'PlayStation'],
  ['red hat', 'Red Hat'],
  ['rim tablet os', 'BlackBerry Tablet OS'],
  ['sailfish', 'Sailfish OS'],
  ['series40', 'Symbian OS Series 40'],
  ['suse', 'SUSE'],
  ['symbian', 'Symbian OS'],
  ['tizen', 'Tizen'],
  ['ubuntu', 'Ubuntu'],
  ['ubuntu touch', 'Ubuntu Touch'],
  ['viera', 'GNU/Linux'],
  ['webos', 'webOS'],
  ['windows', 'Windows'],
  ['windows iot', 'Windows IoT'],
  ['windows mobile', 'Windows Mobile'],
  ['windows phone', 'Windows Phone'],
  ['windows phone os', 'Windows Phone'],
  ['xbox', 'Xbox'],
  ['xubuntu', 'Xubuntu'],
])

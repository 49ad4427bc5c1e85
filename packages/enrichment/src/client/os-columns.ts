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
  const { name, version } = parsed
  if (name === undefined) return { os: '', osVersion: '' }
  const os = osNames.get(name) ?? name
  const osVersion = isVersion(os, version) ? majorMinor(version) : ''
  // iPads report iOS in the user agent; since 13 the system is iPadOS.
  if (os === 'iOS' && userAgent.includes('iPad') && Number.parseInt(osVersion, 10) >= 13) {
    return { os: 'iPadOS', osVersion }
  }
  return { os, osVersion }
}

/** Linux carries a processor (`x86_64`) where others carry a version; Windows has words (`XP`, `Vista`). */
function isVersion(os: string, version: string | undefined): boolean {
  return version !== undefined && (os === 'Windows' || /^\d/.test(version))
}

const osNames: ReadonlyMap<string, string> = new Map([
  ['Arch', 'Arch Linux'],
  ['BlackBerry', 'BlackBerry OS'],
  ['Chromium OS', 'Chrome OS'],
  ['Linux', 'GNU/Linux'],
  ['GNU', 'GNU/Linux'],
  ['Mac OS', 'Mac'],
  ['Sailfish', 'Sailfish OS'],
  ['Windows Phone OS', 'Windows Phone'],
])

import { urlParts, withoutWww, type UrlParts } from './url-parts.ts'

/**
 * The parts of a referrer that counts as one, or undefined: http, https or android-app, with a host that is neither
 * `localhost` nor the page's own after `www.` is removed from both. A sibling subdomain counts. Plausible, section 4.1.
 */
export function validReferral(referrer: string, hostname: string): UrlParts | undefined {
  if (referrer === '') return undefined
  const parts = urlParts(referrer)
  if (!referralSchemes.has(parts.scheme) || parts.host === '') return undefined
  const host = withoutWww(parts.host).toLowerCase()
  return host === 'localhost' || host === withoutWww(hostname).toLowerCase() ? undefined : parts
}

/**
 * The column `referrer`: host without `www.` and path without trailing slashes, undecoded; `android-app://` is kept as a prefix.
 * Plausible, section 4.2.
 */
export function referrerColumn({ scheme, host, path }: UrlParts): string {
  return androidPrefix(scheme) + withoutWww(host) + withoutTrailingSlashes(path)
}

/** What names an app instead of a site. */
export function androidPrefix(scheme: string): string {
  return scheme === 'android-app' ? 'android-app://' : ''
}

const referralSchemes: ReadonlySet<string> = new Set(['http', 'https', 'android-app'])

function withoutTrailingSlashes(path: string): string {
  let end = path.length
  while (end > 0 && path.charCodeAt(end - 1) === 47) end--
  return path.slice(0, end)
}

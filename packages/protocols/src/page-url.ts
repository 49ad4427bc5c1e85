import { percentDecode } from './percent-decoding.ts'
import { trim, trimEnd } from './whitespace.ts'

/** A page URL as events carry it. */
export interface PageUrl {
  /** Lower case; undefined without one. */
  readonly scheme: string | undefined
  /** Undefined without an authority (`about:config`), empty with an empty one (`file:///x`). No leading `www.`. */
  readonly host: string | undefined
  /** The host, or `(none)`. */
  readonly hostname: string
  /** Decoded once, whitespace at its end removed; empty only when nothing is left. */
  readonly pathname: string
  /** Raw, without `?`. */
  readonly query: string
}

const noHostname = '(none)'

/** RFC 3986, appendix B, with the scheme's own grammar. Every text matches. */
const parts = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?/is

/**
 * Splits a URL as RFC 3986 does. Not a WHATWG parser, which would change case, international names, default ports,
 * dot segments, backslashes and percent-encoding, and throw on relative URLs; pages are stored as they were sent.
 * @param options.withFragment appends `#` and the decoded fragment to the path, for sites that route by it
 */
export function readPageUrl(url: string, options: { readonly withFragment: boolean }): PageUrl {
  const [, scheme, authority, path = '', query = '', fragment] = parts.exec(url) ?? []
  const host = authority === undefined ? undefined : withoutWww(trim(hostOf(authority)))
  const pathname = trimEnd(percentDecode(path === '' ? '/' : path))
  return {
    scheme: scheme?.toLowerCase(),
    host,
    hostname: host === undefined || host === '' ? noHostname : host,
    pathname:
      options.withFragment && fragment !== undefined ? `${pathname}#${percentDecode(fragment)}` : pathname,
    query,
  }
}

/** One leading lower-case `www.` removed. */
export function withoutWww(host: string): string {
  return host.startsWith('www.') ? host.slice('www.'.length) : host
}

/** Without user, port and the brackets of an IPv6 address. */
function hostOf(authority: string): string {
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  const address = /^\[([\da-z:.]*)\]/i.exec(host)?.[1]
  if (address !== undefined) return address
  const colon = host.indexOf(':')
  return colon === -1 ? host : host.slice(0, colon)
}

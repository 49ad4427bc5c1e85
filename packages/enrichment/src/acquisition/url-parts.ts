/** A URL split by RFC 3986, nothing decoded and nothing normalised but the scheme's case. */
export interface UrlParts {
  readonly scheme: string
  /** Without credentials, port and brackets; empty when there is none. */
  readonly host: string
  readonly path: string
}

/** Splits any text; never throws, unlike `new URL`, which also rewrites hosts and paths. */
export function urlParts(text: string): UrlParts {
  const match = rfc3986.exec(text)
  return {
    scheme: match?.[1]?.toLowerCase() ?? '',
    host: hostOf(match?.[2] ?? ''),
    path: match?.[3] ?? '',
  }
}

/** One leading `www.` removed. */
export function withoutWww(host: string): string {
  return host.startsWith('www.') ? host.slice(4) : host
}

// RFC 3986, appendix B, with the scheme's alphabet, so that `/a:b` and ` http:` have none.
const rfc3986 = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)/

function hostOf(authority: string): string {
  const afterCredentials = authority.slice(authority.lastIndexOf('@') + 1)
  if (afterCredentials.startsWith('[')) return afterCredentials.slice(1).split(']', 1)[0] ?? ''
  const colon = afterCredentials.indexOf(':')
  return (colon < 0 ? afterCredentials : afterCredentials.slice(0, colon)).trim()
}

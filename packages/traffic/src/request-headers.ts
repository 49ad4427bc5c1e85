import type { Visitor } from './visitor.ts'

/** Visitors behind two proxies, and of those with IPv6 who come with RFC 7239's header. */
const chainEvery = 20
const forwardedEvery = 4

/**
 * What a browser sends with a request to another origin, as a proxy passes it on.
 * @param origin of the page, `https://` and host
 */
export function browserHeaders(
  visitor: Visitor,
  { origin, contentType }: { readonly origin: string; readonly contentType: string },
): Record<string, string> {
  const { browser, acceptLanguage } = visitor
  const headers: Record<string, string> = {
    'content-type': contentType,
    'user-agent': browser.userAgent,
    accept: '*/*',
    'accept-encoding': 'gzip, deflate, br, zstd',
    origin,
    referer: `${origin}/`,
    'sec-fetch-dest': 'empty',
    'sec-fetch-mode': 'cors',
    'sec-fetch-site': 'cross-site',
    ...browser.headers,
  }
  if (acceptLanguage !== '') headers['accept-language'] = acceptLanguage
  addAddress(headers, visitor)
  return headers
}

/** What the library of a server sends, which tells of the visitor in the body, if at all. */
export function serverHeaders(
  visitor: Visitor,
  { userAgent, contentType }: { readonly userAgent: string; readonly contentType: string },
): Record<string, string> {
  // A site's server has one address.
  const address = `52.29.${String(visitor.site >> 8)}.${String(visitor.site & 255)}`
  return { 'content-type': contentType, 'user-agent': userAgent, accept: '*/*', 'x-forwarded-for': address }
}

function addAddress(headers: Record<string, string>, { id, origin }: Visitor): void {
  const { ip, isIpv6 } = origin
  if (isIpv6 && id % forwardedEvery === 0) headers.forwarded = `for="[${ip}]";proto=https`
  else headers['x-forwarded-for'] = id % chainEvery === 0 ? `${ip}, 10.0.0.7` : ip
}

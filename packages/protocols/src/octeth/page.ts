import { readPageUrl } from '../page-url.ts'
import { cutText } from '../text-length.ts'
import { concealEmails } from '../email.ts'

export const pageUrlBytesMax = 2_000
export const pageTitleGraphemesMax = 500
const pageTitleBytesMax = 2_000

/** Canonical fields of the page that an event happened on; empty where the properties do not tell. */
export interface EventPage {
  readonly hostname: string
  readonly pathname: string
  readonly query: string
  readonly title: string
  readonly referrer: string
}

/** @param properties as sent, by name; `$direct` is what trackers of this family send as the referrer of a direct visit */
export function readPage(
  properties: ReadonlyMap<string, unknown>,
  options: { readonly keepsEmails: boolean },
): EventPage {
  const first = (...names: readonly string[]): string => {
    const values = names.map((name) => properties.get(name))
    const found = values.find((value) => typeof value === 'string' && value.trim() !== '')
    if (typeof found !== 'string') return ''
    const text = found.trim()
    return options.keepsEmails ? text : concealEmails(text)
  }
  const host = first('$host')
  const pathname = first('$pathname')
  const url = first('$current_url', 'url') || (host === '' ? pathname : `//${host}${pathname}`)
  const referrer = first('$referrer')
  const title = first('$page_title', '$pageTitle')
  return {
    ...pageOf(cutUrl(url)),
    title: cutText(title, { graphemesMax: pageTitleGraphemesMax, bytesMax: pageTitleBytesMax }),
    referrer: referrer === '$direct' ? '' : cutUrl(referrer),
  }
}

function pageOf(url: string): Pick<EventPage, 'hostname' | 'pathname' | 'query'> {
  const page = readPageUrl(url, { withFragment: false })
  if (url === '' || page.scheme === 'data' || page.pathname === '') {
    return { hostname: '', pathname: '', query: '' }
  }
  return { hostname: page.hostname, pathname: page.pathname, query: page.query }
}

function cutUrl(url: string): string {
  return cutText(url, { graphemesMax: pageUrlBytesMax, bytesMax: pageUrlBytesMax })
}

import { readPageUrl, withoutWww, type PageUrl } from '../page-url.ts'
import { cutText, exceedsBytes } from '../text-length.ts'
import { isBlank, trim } from '../whitespace.ts'
import { firstGiven } from './alias.ts'
import type { Fields } from './body.ts'
import type { Problem } from './refusal.ts'

export const urlBytesMax = 2_000
export const referrerGraphemesMax = 2_000

/** As for names: clusters may be long, raw records may not. */
const referrerBytesMax = 32_000

/** One post may address this many sites; without a limit a megabyte of commas would be a million events. */
export const sitesMax = 100

/** A host name has at most 253 bytes. */
const siteBytesMax = 255

/** The page's URL, undefined when refused. */
export function readPage(fields: Fields, problems: Problem[]): PageUrl | undefined {
  const hashMode = readHashMode(fields, problems)
  const url = firstGiven(fields.u, fields.url)
  if (url === undefined) {
    problems.push(['url', 'is required'])
    return undefined
  }
  if (typeof url !== 'string' || exceedsBytes(url, urlBytesMax)) {
    problems.push(['url', 'must be a valid url'])
    return undefined
  }
  const page = readPageUrl(url, { withFragment: hashMode })
  if (page.scheme === 'data') {
    problems.push(['url', 'scheme is not allowed'])
    return undefined
  }
  if (page.pathname === '') problems.push(['pathname', "can't be blank"])
  return page
}

/** On for the value 1 only; whatever cannot be cast to an integer is refused. */
function readHashMode(fields: Fields, problems: Problem[]): boolean {
  const given = firstGiven(fields.h, fields.hashMode)
  if (given === undefined || (typeof given === 'string' && isBlank(given))) return false
  if (typeof given === 'string' && /^[+-]?\d+$/.test(given)) return Number(given) === 1
  if (Number.isInteger(given)) return given === 1
  problems.push(['hash_mode', 'is invalid'])
  return false
}

/** The sites by name, or else the page's host. */
export function readSites(fields: Fields, page: PageUrl | undefined, problems: Problem[]): string[] {
  const given = firstGiven(fields.d, fields.domain)
  const sites = typeof given === 'string' ? splitSites(given) : page?.host
  if (sites === undefined) {
    problems.push(['domain', "can't be blank"])
    return []
  }
  const list = typeof sites === 'string' ? [sites] : sites
  if (list.length > sitesMax) problems.push(['domain', `should be at most ${String(sitesMax)} site(s)`])
  if (list.some((site) => exceedsBytes(site, siteBytesMax))) {
    problems.push(['domain', `should be at most ${String(siteBytesMax)} byte(s)`])
  }
  return list
}

function splitSites(text: string): string[] | undefined {
  if (isBlank(text)) return undefined
  return text.split(',', sitesMax + 1).map((site) => withoutWww(trim(site)))
}

/** The referrer as sent, cut to its limit; anything but text counts as none. */
export function readReferrer(fields: Fields): string {
  const given = firstGiven(fields.r, fields.referrer)
  if (typeof given !== 'string') return ''
  return cutText(given, { graphemesMax: referrerGraphemesMax, bytesMax: referrerBytesMax })
}

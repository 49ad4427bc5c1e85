import { readPageUrl } from '../page-url.ts'
import { cutBytes, exceedsBytes } from '../text-length.ts'
import { isGiven } from './alias.ts'
import type { Fields } from './params.ts'
import type { Problem } from './problem.ts'

export const visitUrlBytesMax = 8_000
/** Longer ones are cut. */
export const titleBytesMax = 2_000
export const referrerBytesMax = 2_000

/** Where an event happened; all empty where it says nothing of that. */
export interface VisitedPage {
  readonly hostname: string
  readonly pathname: string
  readonly query: string
  readonly title: string
  readonly referrer: string
  /** The params that it was read from: they are columns and not properties. */
  readonly readFrom: ReadonlySet<string>
}

export type ReadVisit = ({ readonly ok: true } & VisitedPage) | ({ readonly ok: false } & Problem)

export const nowhere = { hostname: '', pathname: '', query: '', title: '', referrer: '' }
export const noPage: VisitedPage = { ...nowhere, readFrom: new Set() }

/** `location` in the oldest client, the first of a list in PHP's README. */
const urlNames = ['visit_url', 'location', '0']
const titleNames = ['page_title', 'title']

/** The page of a page view. One without a URL is taken, as the document asks for none; one whose URL is no URL is not. */
export function readVisit(params: Fields): ReadVisit {
  const urlName = urlNames.find((name) => isGiven(params[name]))
  const place = urlName === undefined ? undefined : readUrl(params[urlName])
  if (urlName !== undefined && place === undefined) {
    const reason = `must be the URL of a page, of at most ${String(visitUrlBytesMax)} bytes`
    return { ok: false, field: `params.${urlName}`, reason }
  }
  const titleName = titleNames.find((name) => typeof params[name] === 'string' && isGiven(params[name]))
  const names = [urlName, titleName, typeof params.referrer === 'string' ? 'referrer' : undefined]
  return {
    ok: true,
    ...noPage,
    ...place,
    title: titleName === undefined ? '' : textOf(params[titleName], titleBytesMax),
    referrer: textOf(params.referrer, referrerBytesMax),
    readFrom: new Set(names.filter((name) => name !== undefined)),
  }
}

/** The page that any other event names as `visit_url`; what is no URL stays a property. */
export function readPlace(params: Fields): VisitedPage {
  const place = readUrl(params.visit_url)
  return place === undefined ? noPage : { ...noPage, ...place, readFrom: new Set(['visit_url']) }
}

function readUrl(given: unknown): Pick<VisitedPage, 'hostname' | 'pathname' | 'query'> | undefined {
  if (typeof given !== 'string' || !isGiven(given) || exceedsBytes(given, visitUrlBytesMax)) return undefined
  const { scheme, hostname, pathname, query } = readPageUrl(given, { withFragment: false })
  return scheme === 'data' || pathname === '' ? undefined : { hostname, pathname, query }
}

function textOf(given: unknown, bytesMax: number): string {
  return typeof given === 'string' ? cutBytes(given, bytesMax) : ''
}

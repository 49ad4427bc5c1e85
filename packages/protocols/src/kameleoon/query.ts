import { cutUnits, exceedsChars } from '../text-length.ts'
import { visitorCharsMax } from './parameter.ts'

/** Name and version of an SDK are kept with every event; longer ones are cut, UTF-16 units. */
const sdkUnitsMax = 100

/** A query with more pairs than this is refused. */
const pairsMax = 100

export interface EventsQuery {
  readonly siteCode: string
  /** The visitor of every event in the body; empty when each names its own. */
  readonly visitor: string
  /** The body is JSON, whatever it looks like. */
  readonly isJson: boolean
  /** The request comes from a server, and visitors' user agents are in the body. */
  readonly hasBodyUserAgents: boolean
  /** The browser engine sends `itp`, and waits for 204 instead of 202. */
  readonly isFromEngine: boolean
  readonly sdkName: string
  readonly sdkVersion: string
}

/**
 * Reads the URL's query without its question mark. `mappingValue` takes the place of `visitorCode`. A `+` is a plus, as in
 * the body.
 * @returns what is wrong with it as `problem`
 */
export function readQuery(text: string): EventsQuery | { readonly problem: string } {
  const values = readValues(text)
  if (typeof values === 'string') return { problem: values }
  const given = (name: QueryName): string => values.get(name) ?? ''
  const siteCode = given('siteCode')
  if (siteCode.trim() === '') return { problem: 'siteCode: required' }
  const isJson = readFlag(values, 'json')
  if (isJson === undefined) return { problem: 'json: expected true or false' }
  const hasBodyUserAgents = readFlag(values, 'bodyUa')
  if (hasBodyUserAgents === undefined) return { problem: 'bodyUa: expected true or false' }
  for (const name of ['visitorCode', 'mappingValue'] as const) {
    if (exceedsChars(given(name), visitorCharsMax)) {
      return { problem: `${name}: longer than ${String(visitorCharsMax)} characters` }
    }
  }
  return {
    siteCode,
    visitor: given('visitorCode').trim() || given('mappingValue').trim(),
    isJson,
    hasBodyUserAgents,
    isFromEngine: values.has('itp'),
    sdkName: cutUnits(given('sdkName'), sdkUnitsMax),
    sdkVersion: cutUnits(given('sdkVersion'), sdkUnitsMax),
  }
}

const names = [
  'siteCode',
  'visitorCode',
  'mappingValue',
  'json',
  'bodyUa',
  'itp',
  'sdkName',
  'sdkVersion',
] as const
type QueryName = (typeof names)[number]
const known: ReadonlySet<string> = new Set(names)

/** What is given of the known names, each at most once; or what is wrong. Others are ignored, but must be encoded well. */
function readValues(text: string): Map<string, string> | string {
  const pairs = text.split('&', pairsMax + 1)
  if (pairs.length > pairsMax) return `more than ${String(pairsMax)} parameters`
  const values = new Map<string, string>()
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    const name = decode(equals === -1 ? pair : pair.slice(0, equals))
    const value = decode(equals === -1 ? '' : pair.slice(equals + 1))
    if (name === undefined || value === undefined) return 'broken percent-encoding'
    if (!known.has(name)) continue
    if (values.has(name)) return `${name}: given more than once`
    values.set(name, value)
  }
  return values
}

function decode(text: string): string | undefined {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** False when it is not given; undefined when it is neither true nor false. */
function readFlag(values: ReadonlyMap<string, string>, name: QueryName): boolean | undefined {
  const value = values.get(name)?.toLowerCase()
  if (value === undefined || value === 'false') return false
  return value === 'true' ? true : undefined
}

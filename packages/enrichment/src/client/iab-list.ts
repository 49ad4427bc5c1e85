import { ipv4Bits } from './ip-address.ts'
import { Ipv4Ranges } from './ipv4-ranges.ts'
import { parseTrustedProxies, type TrustedProxies } from './trusted-proxies.ts'

/** More lines than this in one file are refused. The lists of 2026 have some thousand. */
export const iabRowsMax = 100_000

/** The IAB/ABC International Spiders and Bots List, its three files as text. */
export interface IabFiles {
  /** `include_current.txt`: `pattern|active|startOnly|inactiveDate`. */
  readonly browsers: string
  /** `exclude_current.txt`: `pattern|active|exceptions|additional flag|primary impact|startOnly|inactiveDate`. */
  readonly robots: string
  /** `ip_exclude_current_cidr.txt`: one address or CIDR a line. */
  readonly addresses: string
}

/**
 * Judges as the list's own rules say, in their order: an address that is listed is a robot's; what fits no browser pattern is no
 * browser; what fits a robot pattern and none of that row's exceptions is a robot. Patterns are parts of the user agent, or
 * its beginning where the row says so, without regard to case.
 */
export class IabList {
  readonly #browsers: readonly Pattern[]
  readonly #robots: readonly RobotPattern[]
  readonly #ipv4: Ipv4Ranges
  readonly #ipv6: TrustedProxies

  /**
   * @param now Unix milliseconds; a browser pattern that is not active counts until its date
   * @throws Error with one line that names the file and the line
   */
  constructor(files: IabFiles, now: number) {
    this.#browsers = rowsOf(files.browsers, 'browsers').flatMap((row) => browserPattern(row, now))
    this.#robots = rowsOf(files.robots, 'robots').flatMap(robotPattern)
    const cidrs = rowsOf(files.addresses, 'addresses').map(({ text }) => text)
    this.#ipv4 = new Ipv4Ranges(cidrs.filter((cidr) => !cidr.includes(':')))
    this.#ipv6 = parseTrustedProxies(cidrs.filter((cidr) => cidr.includes(':')))
  }

  /** `iab:address`, or undefined. @param ip canonical text */
  addressReason(ip: string): string | undefined {
    const bits = ipv4Bits(ip)
    const isListed = bits === undefined ? this.#ipv6.has(ip) : this.#ipv4.has(bits)
    return isListed ? 'iab:address' : undefined
  }

  /** `iab:unlisted` for what fits no browser pattern, `iab:robot` for what fits a robot pattern, or undefined. */
  userAgentReason(userAgent: string): string | undefined {
    const looked = userAgent.toLowerCase()
    if (!this.#browsers.some((pattern) => fits(pattern, looked))) return 'iab:unlisted'
    const isRobot = this.#robots.some(
      (pattern) =>
        fits(pattern, looked) && !pattern.exceptions.some((exception) => looked.includes(exception)),
    )
    return isRobot ? 'iab:robot' : undefined
  }
}

interface Pattern {
  /** Lower case. */
  readonly text: string
  readonly isStartOnly: boolean
}

interface RobotPattern extends Pattern {
  readonly exceptions: readonly string[]
}

function fits({ text, isStartOnly }: Pattern, looked: string): boolean {
  return isStartOnly ? looked.startsWith(text) : looked.includes(text)
}

interface Row {
  readonly text: string
  readonly fields: readonly string[]
  /** For errors: file and line. */
  readonly place: string
}

function rowsOf(file: string, name: string): Row[] {
  const lines = file.split(/\r?\n/)
  if (lines.length > iabRowsMax) throw new Error(`${name}: ${lines.length} lines, at most ${iabRowsMax}`)
  return lines.flatMap((line, index): Row[] => {
    const text = line.trim()
    if (text === '' || text.startsWith('#')) return []
    return [
      { text, fields: text.split('|').map((field) => field.trim()), place: `${name}, line ${index + 1}` },
    ]
  })
}

function browserPattern(row: Row, now: number): Pattern[] {
  const [, active, startOnly, inactiveDate = ''] = row.fields
  const counts = flag(active, row) || (dayOf(inactiveDate) ?? -Infinity) > now
  return counts ? [{ text: patternText(row), isStartOnly: flag(startOnly ?? '0', row) }] : []
}

/** An inactive robot with a date was a robot until then, and stays one; without a date the row says nothing. */
function robotPattern(row: Row): RobotPattern[] {
  const [, active, exceptions = '', , , startOnly = '0', inactiveDate = ''] = row.fields
  if (!flag(active, row) && dayOf(inactiveDate) === undefined) return []
  return [
    {
      text: patternText(row),
      isStartOnly: flag(startOnly, row),
      exceptions: exceptions
        .toLowerCase()
        .split(',')
        .map((exception) => exception.trim())
        .filter((exception) => exception !== ''),
    },
  ]
}

function patternText({ fields, place }: Row): string {
  const text = fields[0]?.toLowerCase() ?? ''
  if (text === '') throw new Error(`${place}: has no pattern`)
  return text
}

function flag(text: string | undefined, { place }: Row): boolean {
  if (text !== '0' && text !== '1' && text !== '') throw new Error(`${place}: expected 0 or 1 as a flag`)
  return text === '1'
}

/** `MM/DD/YYYY` as Unix milliseconds, the start of that day in UTC. */
function dayOf(text: string): number | undefined {
  const [, month, day, year] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text) ?? []
  return year === undefined ? undefined : Date.UTC(Number(year), Number(month) - 1, Number(day))
}

import { parseAddressRange, type AddressRange } from './address-range.ts'

/** Entries of one file; the largest in use (relay egress) has 300,000. */
export const listEntriesMax = 2_000_000
/** A file of which more than one line in this many is not understood is something else, or damaged. */
const strangeLinesShare = 20
/** How deep ranges lie in the JSON of the clouds: 4. */
const jsonDepthMax = 10

/** Addresses and autonomous systems that a list names. */
export interface OperatorList {
  readonly ranges: readonly AddressRange[]
  readonly asns: readonly number[]
}

/**
 * Reads a list in any of the forms that lists come in; the content decides:
 * - one address, CIDR or `first-last` a line, with `#`, `;` or `//` comments: X4B, FireHOL, Spamhaus DROP, Tor's bulk list
 * - `ExitAddress 1.2.3.4 date`: Tor's exit-addresses
 * - CSV whose first column is an address, CIDR (Apple's relays) or AS number (`ASN,Entity`); `AS123 # name`
 * - a JSON document with ranges anywhere in it: AWS, Google, Azure, Oracle, Fastly, GitHub
 * - a JSON object a line, with `cidr` or `asn`: Spamhaus
 * @throws Error with one line when it is none of them, or holds nothing
 */
export function parseOperatorList(text: string): OperatorList {
  const entries = new Entries()
  const start = text.trimStart().charAt(0)
  const document = start === '{' || start === '[' ? jsonOf(text) : undefined
  if (document === undefined) readLines(text, entries)
  else readJson(document, entries, 0)
  if (entries.ranges.length + entries.asns.length === 0) throw new Error('the list names no address')
  return entries
}

class Entries implements OperatorList {
  readonly ranges: AddressRange[] = []
  readonly asns: number[] = []

  /** @returns false when the text is no address, range or CIDR */
  addRange(text: string): boolean {
    const range = parseAddressRange(text)
    if (range === undefined) return false
    this.ranges.push(range)
    this.#bound()
    return true
  }

  addAsn(digits: string | number): boolean {
    const asn = Number(digits)
    if (!Number.isInteger(asn) || asn < 1 || asn > 0xffffffff) return false
    this.asns.push(asn)
    this.#bound()
    return true
  }

  #bound(): void {
    if (this.ranges.length + this.asns.length > listEntriesMax) {
      throw new Error(`the list has more than ${String(listEntriesMax)} entries`)
    }
  }
}

/** @returns undefined when the text is not one JSON value: it may be one a line */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Every text that is a range counts wherever it stands: each cloud nests and names them differently. */
function readJson(value: unknown, into: Entries, depth: number): void {
  if (depth > jsonDepthMax) return
  if (typeof value === 'string') {
    // Versions and dates are no addresses; a bare IPv4 address needs its three dots.
    into.addRange(value)
    return
  }
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    if (/^asn$/i.test(key) && (typeof inner === 'number' || typeof inner === 'string')) {
      into.addAsn(String(inner).replace(/^AS/i, ''))
    } else readJson(inner, into, depth + 1)
  }
}

function readLines(text: string, into: Entries): void {
  let understood = 0
  let strange = 0
  for (const line of text.split(/\r\n|\n|\r/)) {
    const entry = line.replace(/(?:#|;|\/\/).*$/, '').trim()
    if (entry === '') continue
    if (readLine(entry, into)) understood++
    else strange++
  }
  // A header line is not counted against the rest.
  if (strange > 1 && strange * strangeLinesShare > understood + strange) {
    throw new Error(
      `${String(strange)} of ${String(understood + strange)} lines are no address and no AS number`,
    )
  }
}

function readLine(entry: string, into: Entries): boolean {
  if (entry.startsWith('{')) {
    const value = jsonOf(entry)
    if (value === undefined) return false
    // Spamhaus ends its file with a line of its own, without a range.
    readJson(value, into, 0)
    return true
  }
  if (/^(?:ExitNode|Published|LastStatus) /.test(entry)) return true
  const first = firstField(entry.replace(/^ExitAddress /, ''))
  const asn = /^(?:AS)?(\d{1,10})$/i.exec(first)?.[1]
  return asn === undefined ? into.addRange(first) : into.addAsn(asn)
}

/** Up to a comma, blank or bar, without quotes; `first - last` is one field. */
function firstField(entry: string): string {
  const range = /^[\d.:a-f]+ - [\d.:a-f]+/i.exec(entry)?.[0]
  return range?.replaceAll(' ', '') ?? (entry.split(/[,\s|]/, 1)[0] ?? '').replace(/^"(.*)"$/, '$1')
}

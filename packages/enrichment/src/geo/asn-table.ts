import { parseIpAddress } from '../client/ip-address.ts'

/** The autonomous system that announces an address. */
export interface AutonomousSystem {
  readonly asn: number
  readonly organization: string
}

/** More rows than this in one file are refused; the file of June 2026 has 411,961. */
export const asnRowsMax = 5_000_000

/**
 * Ranges of addresses and who announces them, in typed arrays: 4 numbers a row would be 100 bytes as objects, and are 12 here
 * (IPv4; IPv6 36).
 */
export class AsnTable {
  readonly #ipv4: Ranges
  readonly #ipv6: Ranges
  readonly #organizations: ReadonlyMap<number, string>

  /**
   * @param files the `-num` CSV files of @ip-location-db/asn: `start,end,asn,"organization"`, starts ascending, addresses as
   * decimal numbers. Where two ranges overlap (one pair in June 2026), the one that starts later counts.
   * @throws Error with one line that names the row which is not in that form
   */
  constructor(files: { readonly ipv4: Buffer; readonly ipv6: Buffer }) {
    const organizations = new Map<number, string>()
    this.#ipv4 = readRanges(files.ipv4, 1, organizations)
    this.#ipv6 = readRanges(files.ipv6, 4, organizations)
    this.#organizations = organizations
  }

  /** @param ip canonical text */
  lookup(ip: string): AutonomousSystem | undefined {
    const address = parseIpAddress(ip)
    if (address === undefined) return undefined
    const asn =
      address.family === 4
        ? find(this.#ipv4, Uint32Array.of(address.bits))
        : find(this.#ipv6, words(address.parts))
    return asn === undefined ? undefined : { asn, organization: this.#organizations.get(asn) ?? '' }
  }
}

/** `width` words an address, most significant first. */
interface Ranges {
  readonly width: 1 | 4
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  readonly asns: Uint32Array
}

function readRanges(file: Buffer, width: 1 | 4, organizations: Map<number, string>): Ranges {
  const rows = countRows(file)
  if (rows > asnRowsMax) throw new Error(`asn table: ${rows} rows, at most ${asnRowsMax}`)
  const ranges: Ranges = {
    width,
    starts: new Uint32Array(rows * width),
    ends: new Uint32Array(rows * width),
    asns: new Uint32Array(rows),
  }
  let lineStart = 0
  for (let row = 0; row < rows; row++) {
    const newline = file.indexOf(0x0a, lineStart)
    const lineEnd = newline < 0 ? file.length : newline
    readRow(file.subarray(lineStart, lineEnd), row, ranges, organizations)
    lineStart = lineEnd + 1
  }
  return ranges
}

function readRow(line: Buffer, row: number, ranges: Ranges, organizations: Map<number, string>): void {
  const first = line.indexOf(0x2c)
  const second = line.indexOf(0x2c, first + 1)
  const third = line.indexOf(0x2c, second + 1)
  const asn = third < 0 ? NaN : Number(line.toString('latin1', second + 1, third))
  const { starts, ends, width } = ranges
  if (
    !Number.isInteger(asn) ||
    asn > 0xffffffff ||
    !putAddress(line.toString('latin1', 0, first), starts, row * width, width) ||
    !putAddress(line.toString('latin1', first + 1, second), ends, row * width, width) ||
    (row > 0 && compare(starts, row * width, starts.subarray((row - 1) * width), width) <= 0)
  ) {
    throw new Error(`asn table: row ${row + 1} is not an ascending "start,end,asn,organization"`)
  }
  ranges.asns[row] = asn
  if (!organizations.has(asn)) organizations.set(asn, csvText(line.toString('utf8', third + 1)))
}

/** Writes a decimal address as words; false when it is none. */
function putAddress(text: string, into: Uint32Array, at: number, width: 1 | 4): boolean {
  if (!/^\d{1,39}$/.test(text)) return false
  if (width === 1) {
    into[at] = Number(text)
    return Number(text) <= 0xffffffff
  }
  const value = BigInt(text)
  into[at] = Number((value >> 96n) & 0xffffffffn)
  into[at + 1] = Number((value >> 64n) & 0xffffffffn)
  into[at + 2] = Number((value >> 32n) & 0xffffffffn)
  into[at + 3] = Number(value & 0xffffffffn)
  return value >> 128n === 0n
}

/** The number of the system whose range holds the address. */
function find(ranges: Ranges, address: Uint32Array): number | undefined {
  const { starts, ends, asns, width } = ranges
  let low = 0
  let high = asns.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(starts, middle * width, address, width) <= 0) low = middle + 1
    else high = middle
  }
  const row = low - 1
  return row >= 0 && compare(ends, row * width, address, width) >= 0 ? asns[row] : undefined
}

function compare(table: Uint32Array, at: number, address: Uint32Array, width: number): number {
  for (let i = 0; i < width; i++) {
    const difference = (table[at + i] ?? 0) - (address[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function words(parts: readonly number[]): Uint32Array {
  return Uint32Array.from({ length: 4 }, (_, i) => (parts[i * 2] ?? 0) * 65536 + (parts[i * 2 + 1] ?? 0))
}

function countRows(file: Buffer): number {
  let rows = 0
  let end = -1
  for (let at = file.indexOf(0x0a); at >= 0; at = file.indexOf(0x0a, at + 1)) {
    rows++
    end = at
  }
  return end + 1 < file.length ? rows + 1 : rows
}

/** A quoted field without its quotes, doubled ones single. */
function csvText(field: string): string {
  const text = field.trimEnd()
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text
}

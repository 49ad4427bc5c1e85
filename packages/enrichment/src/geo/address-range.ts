import { parseIpAddress } from '../client/ip-address.ts'

/** Neighbouring addresses of one family, both ends included. */
export type AddressRange =
  | { readonly family: 4; readonly first: number; readonly last: number }
  | { readonly family: 6; readonly first: bigint; readonly last: bigint }

/**
 * Reads an address, a CIDR (bits behind the prefix do not count), or `first-last`.
 * @returns undefined when the text is none of them
 */
export function parseAddressRange(text: string): AddressRange | undefined {
  const dash = text.indexOf('-')
  if (dash > 0) return between(text.slice(0, dash).trim(), text.slice(dash + 1).trim())
  const slash = text.indexOf('/')
  if (slash < 0) return between(text, text)
  const base = parseIpAddress(text.slice(0, slash))
  const digits = text.slice(slash + 1)
  if (base === undefined || !/^\d{1,3}$/.test(digits)) return undefined
  // `::ffff:10.0.0.0/104` is 10.0.0.0/8.
  const isMapped = base.family === 4 && text.includes(':')
  return network(base, Number(digits) - (isMapped ? 96 : 0))
}

type Parsed = NonNullable<ReturnType<typeof parseIpAddress>>

function network(base: Parsed, prefixBits: number): AddressRange | undefined {
  const width = base.family === 4 ? 32 : 128
  if (prefixBits < 0 || prefixBits > width) return undefined
  if (base.family === 4) {
    const size = 2 ** (32 - prefixBits)
    const first = Math.floor(base.bits / size) * size
    return { family: 4, first, last: first + size - 1 }
  }
  const hostBits = BigInt(128 - prefixBits)
  const first = (asNumber(base.parts) >> hostBits) << hostBits
  return { family: 6, first, last: first + (1n << hostBits) - 1n }
}

function between(firstText: string, lastText: string): AddressRange | undefined {
  const [a, b] = [parseIpAddress(firstText), parseIpAddress(lastText)]
  if (a?.family === 4 && b?.family === 4) {
    return a.bits <= b.bits ? { family: 4, first: a.bits, last: b.bits } : undefined
  }
  if (a?.family === 6 && b?.family === 6) {
    const [first, last] = [asNumber(a.parts), asNumber(b.parts)]
    return first <= last ? { family: 6, first, last } : undefined
  }
  return undefined
}

function asNumber(parts: readonly number[]): bigint {
  let value = 0n
  for (const part of parts) value = (value << 16n) | BigInt(part)
  return value
}

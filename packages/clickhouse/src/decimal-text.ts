import type { ByteWriter } from './byte-writer.ts'

const scale = 4
const digitsMax = 18
const wordSize = 4294967296

/**
 * Writes decimal text as Decimal(18, 4): the value times 10,000 as a signed 64-bit integer, digit by digit, so that it
 * is exact where a double is not. Empty text is 0.
 * @returns false, with nothing written, when the text is no number of at most 14 digits before and 4 after the point
 */
export function writeDecimal(text: string, writer: ByteWriter): boolean {
  if (text === '') {
    writer.halves(0, 0)
    return true
  }
  const negative = text.startsWith('-')
  let upper = 0
  let lower = 0
  let digits = 0
  let scaled = -1 // digits after the point, or -1 before it
  let seen = false
  const append = (digit: number): void => {
    const product = lower * 10 + digit
    upper = upper * 10 + Math.floor(product / wordSize)
    lower = product % wordSize
    if (digits > 0 || digit > 0) digits++
  }
  for (let index = negative ? 1 : 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x2e && scaled === -1) {
      scaled = 0
      continue
    }
    if (code < 0x30 || code > 0x39 || scaled === scale) return false
    append(code - 0x30)
    seen = true
    if (scaled !== -1) scaled++
    if (digits > digitsMax) return false
  }
  if (!seen) return false
  for (let place = Math.max(scaled, 0); place < scale; place++) append(0)
  if (digits > digitsMax) return false
  if (!negative) writer.halves(upper, lower)
  else writer.halves(~upper + (lower === 0 ? 1 : 0), ~lower + 1)
  return true
}

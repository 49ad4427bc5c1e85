import { isUtf8 } from 'node:buffer'

/** JSON nested deeper than this is refused (RFC 8259, 9 allows a limit): parsing it costs five times as much a byte. */
export const nestingMax = 1_000

/** Shorter text is parsed faster than it could be scanned with profit. */
const scannedLengthMin = 20_000

/** JSON text's value, boxed since `null` is a value too; undefined when it is not JSON. Its texts hold no lone surrogates. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  if (text.length >= scannedLengthMin && isTooDeep(text)) return undefined
  try {
    return { value: JSON.parse(text.includes('\\u') ? replaceLoneSurrogates(text) : text) as unknown }
  } catch {
    return undefined
  }
}

/** As `parseJson`; bytes that are not UTF-8 are not JSON (RFC 8259, 8.1). */
export function parseJsonBytes(bytes: Buffer): { readonly value: unknown } | undefined {
  return isUtf8(bytes) ? parseJson(bytes.toString('utf8')) : undefined
}

export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTooDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // quote
        at = stringEnd(text, at)
        break
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > nestingMax) return true
        break
      case 0x5d: // ]
      case 0x7d: // }
        depth--
        break
    }
  }
  return false
}

/** Where the string that opens at `start` closes; the text's end when it does not. */
export function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return at
    if (code === 0x5c) at++ // the character after a backslash
  }
  return text.length
}

const escapes =
  /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u[dD][89a-fA-F][\da-fA-F]{2}|[^])/g
const loneSurrogateLength = '\\udead'.length

/**
 * In valid UTF-8 a lone surrogate can only come from an escape, which UTF-8 columns could not store.
 * Matching every escape from the left keeps `\\ud800` (a backslash, then letters) as it is.
 */
function replaceLoneSurrogates(json: string): string {
  return json.replace(escapes, (escape) => (escape.length === loneSurrogateLength ? '\\ufffd' : escape))
}

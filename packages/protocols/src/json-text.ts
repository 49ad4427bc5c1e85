import { isUtf8 } from 'node:buffer'

/** JSON text's value, boxed since `null` is a value too; undefined when it is not JSON. Its texts hold no lone surrogates. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
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

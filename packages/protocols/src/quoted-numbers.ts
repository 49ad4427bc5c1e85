import { stringEnd } from './json-text.ts'

const quote = 0x22

/**
 * JSON text in which each number that `textOf` names a text for stands as that text, in quotes. JavaScript's numbers neither
 * tell `12.0` from `12` nor hold twenty digits.
 * @param json text that was parsed already
 */
export function quoteNumbers(json: string, textOf: (number: string) => string | undefined): string {
  const parts: string[] = []
  let taken = 0
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (code === quote) at = stringEnd(json, at)
    else if (isNumeric(code)) {
      const start = at
      while (isNumeric(json.charCodeAt(at + 1))) at++
      const text = textOf(json.slice(start, at + 1))
      if (text === undefined) continue
      parts.push(json.slice(taken, start), '"', text, '"')
      taken = at + 1
    }
  }
  parts.push(json.slice(taken))
  return parts.join('')
}

/** One of `0-9 + - . e E`, outside of strings: part of a number, or the `e` of `true` and `false`. */
function isNumeric(code: number): boolean {
  if (code >= 0x30 && code <= 0x39) return true
  return code === 0x2b || code === 0x2d || code === 0x2e || code === 0x45 || code === 0x65
}

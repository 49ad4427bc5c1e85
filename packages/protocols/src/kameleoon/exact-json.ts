import { parseJson } from '../json-text.ts'

/** A number of so many digits may be more than a JavaScript number holds. */
const longDigits = 16
const longNumber = /(?:^|[[:,\s])-?\d{16}/
/** Longer ones are no number of any parameter, and turning a megabyte of digits into an integer takes long. */
const wholeNumber = /^-?\d{1,400}$/

const quote = 0x22
const backslash = 0x5c

/**
 * JSON text's value, boxed; undefined when it is none. An integer that a number cannot hold exactly is a `bigint` where it is
 * a field of an object at the top or in an array at the top: where events have theirs.
 */
export function parseExactJson(text: string): { readonly value: unknown } | undefined {
  const parsed = parseJson(text)
  if (parsed === undefined || !longNumber.test(text)) return parsed
  const quoted = parseJson(quoteLongNumbers(text))
  if (quoted === undefined) return parsed
  const { value } = parsed
  if (!Array.isArray(value)) return { value: exactFields(value, quoted.value) }
  const exact = quoted.value as readonly unknown[]
  return { value: value.map((item, index) => exactFields(item, exact[index])) }
}

/** @param quoted the same object, its long numbers as text */
function exactFields(object: unknown, quoted: unknown): unknown {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return object
  const texts = new Map(Object.entries(quoted as object))
  const fields = Object.entries(object).map(([name, value]) => {
    const text: unknown = texts.get(name)
    const isLong = typeof value === 'number' && typeof text === 'string' && wholeNumber.test(text)
    return [name, isLong ? BigInt(text) : value] as const
  })
  return Object.fromEntries(fields)
}

/** The JSON text with its long numbers in quotes. */
function quoteLongNumbers(text: string): string {
  const parts: string[] = []
  let taken = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) at = stringEnd(text, at)
    else if (isNumeric(code)) {
      const start = at
      while (isNumeric(text.charCodeAt(at + 1))) at++
      if (at + 1 - start < longDigits) continue
      parts.push(text.slice(taken, start), '"', text.slice(start, at + 1), '"')
      taken = at + 1
    }
  }
  parts.push(text.slice(taken))
  return parts.join('')
}

/** Where the string that opens at `start` closes. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) return at
    if (code === backslash) at++
  }
  return text.length
}

/** One of `0-9 + - . e E`, outside of strings: part of a number, or the `e` of `true` and `false`. */
function isNumeric(code: number): boolean {
  if (code >= 0x30 && code <= 0x39) return true
  return code === 0x2b || code === 0x2d || code === 0x2e || code === 0x45 || code === 0x65
}

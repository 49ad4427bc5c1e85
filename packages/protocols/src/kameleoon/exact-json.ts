import { parseJson } from '../json-text.ts'
import { quoteNumbers } from '../quoted-numbers.ts'

/** A number of so many digits may be more than a JavaScript number holds. */
const longDigits = 16
const longNumber = /(?:^|[[:,\s])-?\d{16}/
/** Longer ones are no number of any parameter, and turning a megabyte of digits into an integer takes long. */
const wholeNumber = /^-?\d{1,400}$/

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

const quoteLongNumbers = (text: string): string =>
  quoteNumbers(text, (number) => (number.length < longDigits ? undefined : number))

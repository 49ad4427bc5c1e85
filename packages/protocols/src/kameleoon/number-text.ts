/** As plain decimal text the largest float64 has 309 digits, the smallest 324 after the point. */
const numberCharsMax = 400

const integer = /^-?\d{1,20}$/
const decimal = /^-?\d+(?:\.\d+)?(e[+-]?\d+)?$/i
/** What JavaScript writes for numbers from 1e21 on and below 1e-6. */
const scientific = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/

/** 15 digits are exact as a number. */
const exactDigits = 15

export const int32Range = { min: -(2n ** 31n), max: 2n ** 31n - 1n } as const
export const int64Range = { min: -(2n ** 63n), max: 2n ** 63n - 1n } as const

/**
 * An integer as decimal text without leading zeros; undefined when it is none or out of range.
 * @param value a number, or decimal text; a `bigint` where a number of JSON is longer than a number can hold
 */
export function integerText(
  value: unknown,
  range: typeof int32Range | typeof int64Range,
): string | undefined {
  const exact = toBigInt(value)
  return exact === undefined || exact < range.min || exact > range.max ? undefined : exact.toString()
}

/** A finite number as decimal text without an exponent; text that has none stays as it was sent. */
export function decimalText(value: unknown): string | undefined {
  if (typeof value === 'string') {
    if (value.length > numberCharsMax) return undefined
    const match = decimal.exec(value)
    if (match === null || !Number.isFinite(Number(value))) return undefined
    return match[1] === undefined ? value : withoutExponent(Number(value))
  }
  if (typeof value === 'bigint') return decimalText(value.toString())
  return typeof value === 'number' && Number.isFinite(value) ? withoutExponent(value) : undefined
}

function toBigInt(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined
  if (typeof value !== 'string' || !integer.test(value)) return undefined
  return BigInt(value.length <= exactDigits ? Number(value) : value)
}

function withoutExponent(value: number): string {
  const text = String(value + 0)
  const [, sign, whole, fraction = '', exponent] = scientific.exec(text) ?? []
  if (sign === undefined || whole === undefined) return text
  const digits = whole + fraction
  const shift = Number(exponent)
  return shift > 0 ? sign + digits.padEnd(shift + 1, '0') : `${sign}0.${'0'.repeat(-shift - 1)}${digits}`
}

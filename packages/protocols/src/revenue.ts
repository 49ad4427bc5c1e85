import type { RawEvent } from '@millrace/events'

export type Revenue = NonNullable<RawEvent['revenue']>

const integerDigitsMax = 14
const fractionDigits = 4
const amountLengthMax = 64
const exponentMax = 99

const decimal = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,2}))?$/i

/** ISO 4217 codes in use, as this Node's ICU lists them. */
const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))

/**
 * An amount of money, or undefined when either part is invalid.
 * @param given.amount number or decimal text; a negative amount is a refund
 * @param given.currency ISO 4217 code, any case
 */
export function readRevenue(given: {
  readonly amount?: unknown
  readonly currency?: unknown
}): Revenue | undefined {
  if (typeof given.currency !== 'string' || given.currency.length !== 3) return undefined
  const currency = given.currency.toUpperCase()
  if (!currencies.has(currency)) return undefined
  const { amount: sent } = given
  if (typeof sent !== 'string' && typeof sent !== 'number') return undefined
  const amount = decimalAmount(String(sent))
  return amount === undefined ? undefined : { amount, currency }
}

/**
 * Plain decimal text without needless zeros, rounded half to even at the fourth digit after the point so that sums of
 * many amounts lean to neither side. Undefined when it is no number or has more than 14 digits before the point.
 */
export function decimalAmount(text: string): string | undefined {
  if (text.length > amountLengthMax) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = decimal.exec(text) ?? []
  if (sign === undefined || whole + fraction === '') return undefined
  if (Math.abs(Number(exponent)) > exponentMax) return undefined
  const shift = Number(exponent) - fraction.length + fractionDigits
  const scaled = shiftDecimal(BigInt(whole + fraction), shift)
  if (scaled >= 10n ** BigInt(integerDigitsMax + fractionDigits)) return undefined
  const digits = scaled.toString().padStart(fractionDigits + 1, '0')
  const kept = digits.slice(-fractionDigits).replace(/0+$/, '')
  const amount = digits.slice(0, -fractionDigits) + (kept === '' ? '' : `.${kept}`)
  return sign === '-' && scaled !== 0n ? `-${amount}` : amount
}

/** The value times ten to the power of `shift`, rounded half to even. */
function shiftDecimal(value: bigint, shift: number): bigint {
  if (shift >= 0) return value * 10n ** BigInt(shift)
  const divisor = 10n ** BigInt(-shift)
  const quotient = value / divisor
  const twice = (value % divisor) * 2n
  const roundsUp = twice > divisor || (twice === divisor && quotient % 2n === 1n)
  return roundsUp ? quotient + 1n : quotient
}

import type { Refusal } from '../decoded.ts'
import { decimalAmount, readRevenue, type Revenue } from '../revenue.ts'
import { givenText } from './body.ts'
import { eventErrors } from './refusal.ts'

/**
 * What a conversion is worth, or the error of the first property that it must have and has not. The value must be a number;
 * its currency is that of `conversion-currency` or `currency` where that is an ISO 4217 code, else empty.
 */
export function readConversion(
  properties: readonly (readonly [string, unknown])[],
): { readonly ok: true; readonly revenue: Revenue } | { readonly ok: false; readonly refusal: Refusal } {
  const byName = new Map(properties.map(([name, value]) => [name.toLowerCase(), givenText(value)]))
  if (byName.get('conversion-id') === undefined) return { ok: false, refusal: eventErrors.noConversionId }
  if (byName.get('conversion-name') === undefined) return { ok: false, refusal: eventErrors.noConversionName }
  const amount = decimalAmount(byName.get('conversion-value') ?? '')
  if (amount === undefined) return { ok: false, refusal: eventErrors.noConversionValue }
  const currencies = [byName.get('conversion-currency'), byName.get('currency')]
  const known = currencies.map((currency) => readRevenue({ amount, currency })).find((found) => found)
  return { ok: true, revenue: known ?? { amount, currency: '' } }
}

import { cutBytes, exceedsBytes } from '../text-length.ts'
import { isBlank } from '../whitespace.ts'
import { storableJson, storableText, type EmailRule } from './storable.ts'

export const propsMax = 100
export const propNameBytesMax = 300
/** A longer text is cut, a longer list or object left out. */
export const propValueBytesMax = 2_000
/** Of all of them as JSON, so that no event comes near the log's limit of a record. */
const propsBytesMax = 100_000

/**
 * Properties under their own names, ascending: scalars as text, lists and objects as compact JSON, null and empty text left
 * out. The first `propsMax` stay.
 * @param given names unique
 */
export function readProps(
  given: Iterable<readonly [name: string, value: unknown]>,
  rule: EmailRule,
): [string, string][] {
  const props = new Map<string, string>()
  let bytesLeft = propsBytesMax
  for (const [name, value] of given) {
    if (props.size === propsMax) break
    if (isBlank(name) || exceedsBytes(name, propNameBytesMax)) continue
    const text = propText(value, rule)
    if (text === undefined || text === '') continue
    bytesLeft -= Buffer.byteLength(JSON.stringify([name, text]))
    if (bytesLeft < 0) break
    props.set(storableText(name, rule), text)
  }
  return [...props].sort(([a], [b]) => (a < b ? -1 : 1))
}

function propText(value: unknown, rule: EmailRule): string | undefined {
  switch (typeof value) {
    case 'string':
      return cutBytes(storableText(value, rule), propValueBytesMax)
    case 'number':
      return Number.isFinite(value) ? String(value) : undefined
    case 'boolean':
      return String(value)
    case 'object': {
      if (value === null) return undefined
      const { text, isWhole } = storableJson(value, { rule, charsMax: propValueBytesMax })
      return isWhole && !exceedsBytes(text, propValueBytesMax) ? text : undefined
    }
    case 'undefined':
    case 'bigint':
    case 'symbol':
    case 'function':
      return undefined // absent, or no JSON
  }
}

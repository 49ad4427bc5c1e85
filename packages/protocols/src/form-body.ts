import { percentDecode } from './percent-decoding.ts'

/** A form with more fields than this is refused: no event needs as many. */
export const formFieldsMax = 1_000

export type FormField = readonly [name: string, value: string]

/**
 * The fields of `application/x-www-form-urlencoded` text, in order. Broken percent-encoding is kept as it is.
 * Undefined when there are more than `formFieldsMax`.
 */
export function readUrlEncoded(text: string): FormField[] | undefined {
  const pairs = text.split('&', formFieldsMax + 1)
  if (pairs.length > formFieldsMax) return undefined
  return pairs
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=')
      if (equals === -1) return [decode(pair), '']
      return [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))]
    })
}

/**
 * The fields as an object: the last of a name wins, `p[plan]=pro` makes an object `p`, and `p[]=a` a list.
 * Deeper nesting is read as one odd name. The objects have no prototype, so no name can touch one.
 */
export function formObject(fields: readonly FormField[]): Readonly<Record<string, unknown>> {
  const object: Record<string, unknown> = bare()
  const nested = new Map<string, Record<string, unknown>>()
  for (const [name, value] of fields) {
    const [, outer, inner] = /^([^[\]]+)\[([^[\]]*)\]$/.exec(name) ?? []
    if (outer === undefined || inner === undefined) {
      object[name] = value
      nested.delete(name)
    } else if (inner === '') {
      object[outer] = [value]
      nested.delete(outer)
    } else {
      const entries = nested.get(outer) ?? bare()
      entries[inner] = value
      nested.set(outer, entries)
      object[outer] = entries
    }
  }
  return object
}

function bare(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>
}

function decode(text: string): string {
  return percentDecode(text.includes('+') ? text.replaceAll('+', ' ') : text)
}

/** What the fields of records hold, checked without a schema: a schema takes longer than everything else on the way. */

/** What is read, before it is checked: the fields as they are named in memory. */
export type Unchecked<Checked> = { [Field in keyof Checked]: unknown }

export function isText(value: unknown): value is string {
  return typeof value === 'string'
}

export function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string'
}

/** JSON can say numbers that are none here: `1e999` is read as infinite. */
export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && value - value === 0
}

export function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean'
}

/** Names and values, `[["name","value"]]`. */
export function isPairs(value: unknown): value is [string, string][] {
  if (!Array.isArray(value)) return false
  for (const pair of value as readonly unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2 || !isText(pair[0]) || !isText(pair[1])) return false
  }
  return true
}

/** A check for one of a few texts. */
export function oneOf<Known extends string>(known: readonly Known[]): (value: unknown) => value is Known {
  const texts: ReadonlySet<unknown> = new Set(known)
  return (value): value is Known => texts.has(value)
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

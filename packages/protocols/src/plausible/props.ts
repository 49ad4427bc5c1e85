import { exceedsBytes } from '../text-length.ts'
import { isBlank } from '../whitespace.ts'
import { firstGiven } from './alias.ts'
import { objectAsWritten, objectOrJsonText, type Fields } from './body.ts'
import type { Problem } from './refusal.ts'

export const propsMax = 30
export const propKeyBytesMax = 300
export const propValueBytesMax = 2_000

/** Events of these names say on which page they happened, even when the client did not. */
const namesWithPath: ReadonlySet<string> = new Set(['404', 'WP Form Completions', 'Form: Submission'])

/**
 * The custom properties, keys ascending. Lists, objects, null and blanks are left out; of the rest the first 30 stay.
 * A number becomes text as it was sent (`12.0` stays `12.0`), but for trailing zeros and exponents.
 * @param asWritten the fields with numbers as text, read only when a property may need it
 */
export function readProps(
  fields: Fields,
  event: { readonly name: string; readonly pathname: string },
  problems: Problem[],
  asWritten: () => Fields = () => fields,
): [string, string][] {
  const given = givenProps(fields, asWritten)
  const props: [string, string][] = []
  const hasPath = namesWithPath.has(event.name)
  // It comes first, so that the limit of 30 cannot lose it.
  if (hasPath) props.push(['path', (given && ownPropText(given, 'path')) ?? event.pathname])
  for (const key of given === undefined ? [] : Object.keys(given)) {
    if (props.length === propsMax) break
    const value = given && propText(given[key])
    if (value === undefined || isBlank(key) || (hasPath && key === 'path')) continue
    props.push([key, value])
  }
  if (props.some(isTooLong)) {
    problems.push([
      'props',
      `keys should have at most ${String(propKeyBytesMax)} bytes and values ${String(propValueBytesMax)} bytes`,
    ])
  }
  return props.sort(([a], [b]) => (a < b ? -1 : 1))
}

function givenProps(fields: Fields, asWritten: () => Fields): Fields | undefined {
  const sent = sentProps(fields)
  const given = objectOrJsonText(sent)
  if (given === undefined || !Object.values(given).some(Number.isInteger)) return given
  const written = typeof sent === 'string' ? objectAsWritten(sent) : objectOrJsonText(sentProps(asWritten()))
  return written ?? given
}

const sentProps = (fields: Fields): unknown => firstGiven(fields.m, fields.meta, fields.p, fields.props)

function ownPropText(given: Fields, key: string): string | undefined {
  return Object.hasOwn(given, key) ? propText(given[key]) : undefined
}

function propText(value: unknown): string | undefined {
  if (typeof value === 'string') return isBlank(value) ? undefined : value
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined
  return typeof value === 'boolean' ? String(value) : undefined
}

function isTooLong([key, value]: readonly [string, string]): boolean {
  return exceedsBytes(key, propKeyBytesMax) || exceedsBytes(value, propValueBytesMax)
}

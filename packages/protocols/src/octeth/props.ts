import { cutBytes, exceedsBytes } from '../text-length.ts'
import { concealEmails } from '../email.ts'

export const octethPropsMax = 300
/** A property with a longer name is left out. */
export const octethPropNameBytesMax = 300
/** What is longer is cut. */
export const octethPropValueBytesMax = 2_000
/** Names and values together; properties beyond are left out, so that the event fits into the log. */
export const octethPropsBytesMax = 200_000

/** Values nested deeper are left out. */
const nestingMax = 20

/** Names of what the protocol says beside the properties. */
const ownNames: ReadonlySet<string> = new Set(['email', 'ID', 'ListID', 'Event'])
const sentPrefix = 'Properties.'
export const identifyPrefix = 'IdentifyProperties.'

export interface OctethProps {
  /** What the protocol says beside the properties: `email`, `ID`, `ListID`, and `Event`, the name as sent, where it differs. */
  readonly own: readonly (readonly [string, string])[]
  readonly properties: Iterable<readonly [string, unknown]>
  /** Of the person: an identify event's stand among its properties and win, those of another event under `IdentifyProperties.`. */
  readonly identifyProperties: Iterable<readonly [string, unknown]>
  readonly isIdentify: boolean
  readonly keepsEmails: boolean
}

/**
 * The properties as an event carries them, under the names they were sent with: scalars as text, nested values as JSON,
 * null as empty text. One that is called like the protocol's own, or begins like the prefixes here, gets `Properties.` before
 * its name, so that what was sent can always be told.
 */
export function octethProps(given: OctethProps): [string, string][] {
  const conceal = given.keepsEmails ? (text: string) => text : concealEmails
  const props = new Map<string, string>(given.own)
  let bytes = 0
  const add = (name: string, value: unknown): void => {
    const text = propText(value, conceal)
    if (text === undefined || name === '' || exceedsBytes(name, octethPropNameBytesMax)) return
    bytes += Buffer.byteLength(name) + Buffer.byteLength(text)
    if (bytes > octethPropsBytesMax || props.size - given.own.length >= octethPropsMax) return
    props.set(name, text)
  }
  const person = given.isIdentify ? sentName : (name: string) => `${identifyPrefix}${name}`
  for (const [name, value] of given.properties) add(sentName(conceal(name)), value)
  for (const [name, value] of given.identifyProperties) {
    if (name !== '') add(person(conceal(name)), value)
  }
  return [...props]
}

function sentName(name: string): string {
  const isTaken = ownNames.has(name) || name.startsWith(sentPrefix) || name.startsWith(identifyPrefix)
  return isTaken ? `${sentPrefix}${name}` : name
}

function propText(value: unknown, conceal: (text: string) => string): string | undefined {
  if (value === null) return ''
  if (typeof value === 'object') {
    const nested = concealNested(value, conceal, 0)
    return nested === undefined ? undefined : cutBytes(JSON.stringify(nested), octethPropValueBytesMax)
  }
  const text = typeof value === 'string' ? conceal(value) : JSON.stringify(value)
  return cutBytes(text, octethPropValueBytesMax)
}

/** A copy without emails in clear, names included; undefined when it is nested too deep. */
function concealNested(value: object, conceal: (text: string) => string, depth: number): object | undefined {
  if (depth === nestingMax) return undefined
  const isList = Array.isArray(value)
  const entries: (readonly [string, unknown])[] = []
  for (const [name, inner] of Object.entries(value) as [string, unknown][]) {
    const copy =
      typeof inner === 'object' && inner !== null
        ? concealNested(inner, conceal, depth + 1)
        : typeof inner === 'string'
          ? conceal(inner)
          : inner
    if (copy === undefined) return undefined
    entries.push([conceal(name), copy])
  }
  return isList ? entries.map(([, inner]) => inner) : Object.fromEntries(entries)
}

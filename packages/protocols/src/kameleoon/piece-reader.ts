import type { KeyedSite } from '../decode-context.ts'
import type { DecodedEvent } from '../decoded.ts'
import { cutUnits } from '../text-length.ts'
import { canonicalEvent, columnParameter, type ParameterTexts } from './canonical.ts'
import { concealing, type Conceal } from './emails.ts'
import { eventSchemas } from './event-schemas.ts'
import { documentedType } from './names.ts'
import { tooLong, type Parameters, type Piece } from './pieces.ts'
import type { EventsQuery } from './query.ts'

/** A longer user agent is cut, UTF-16 units, as the header's is. */
const userAgentUnitsMax = 2_000

/** An event whose JSON has more bytes does not fit into a record of the log. */
const eventBytesMax = 450_000
/** With fewer UTF-16 units it cannot have as many bytes: six for one that JSON escapes, twice as JSON text in JSON. */
const eventUnitsSafe = 30_000

/** A decoded event but for its site. */
type SitelessEvent = Omit<DecodedEvent, 'sites'>

/** Reads the pieces of one body in order: a visitor's user agent stands on the visitor's first line alone. */
export function pieceReader(query: EventsQuery, site: KeyedSite): (piece: Piece) => SitelessEvent {
  const userAgents = new Map<string, string>()
  const sdk = sdkProps(query)
  const conceal = concealing(site)
  return (piece) => {
    const visitor = query.visitor === '' ? visitorOf(piece.parameters) : query.visitor
    const userAgent = query.hasBodyUserAgents
      ? { userAgent: userAgentOf(piece.parameters, { visitor, userAgents }) }
      : {}
    const event = readEvent(piece, { query, conceal, visitor, sdk })
    return { ...('problem' in event ? malformed(piece, event.problem, conceal) : event), ...userAgent }
  }
}

function sdkProps({ sdkName, sdkVersion }: EventsQuery): [string, string][] {
  const props: [string, string][] = [
    ['sdkName', sdkName],
    ['sdkVersion', sdkVersion],
  ]
  return props.filter(([, value]) => value !== '')
}

function visitorOf({ visitorCode, mappingValue }: Parameters): string {
  return trimmed(visitorCode) || trimmed(mappingValue)
}

function trimmed(value: unknown): string {
  return typeof value === 'string' ? value.trim() : ''
}

/** Empty as long as none was given: then the request's own must not count either. */
function userAgentOf(
  { userAgent }: Parameters,
  { visitor, userAgents }: { readonly visitor: string; readonly userAgents: Map<string, string> },
): string {
  if (typeof userAgent !== 'string') return userAgents.get(visitor) ?? ''
  const cut = cutUnits(userAgent, userAgentUnitsMax)
  if (visitor !== '') userAgents.set(visitor, cut)
  return cut
}

interface PieceContext {
  readonly query: EventsQuery
  readonly conceal: Conceal
  readonly visitor: string
  readonly sdk: readonly [string, string][]
}

function readEvent(piece: Piece, context: PieceContext): SitelessEvent | { readonly problem: string } {
  if (piece.problem !== undefined) return { problem: piece.problem }
  const { eventType: givenType } = piece.parameters
  const type = documentedType(givenType)
  if (type === undefined)
    return { problem: givenType === undefined ? 'eventType: required' : 'eventType: unknown' }
  const result = eventSchemas[type].safeParse(
    candidate(piece.parameters, { type, visitor: context.query.visitor }),
  )
  if (!result.success) {
    const [issue] = result.error.issues
    return { problem: `${String(issue?.path[0] ?? 'event')}: ${issue?.message ?? 'invalid'}` }
  }
  if (context.visitor === '') return { problem: 'visitorCode: required' }
  const parameters: ParameterTexts = result.data
  const canonical = canonicalEvent(type, parameters, context.conceal)
  if ('problem' in canonical) return canonical
  const event = {
    ...canonical,
    props: [...propsOf(parameters, context.conceal), ...context.sdk],
    scrollDepth: 0,
    engagementMs: 0,
    visitorId: context.visitor,
    clientEventId: result.data.nonce,
  }
  return isTooLong(event) ? { problem: tooLong } : event
}

/** What is validated: without what the URL overrides, and without the user agent, which is cut and never wrong. */
function candidate(
  parameters: Parameters,
  { type, visitor }: { readonly type: string; readonly visitor: string },
): Parameters {
  const given: Record<string, unknown> = { ...parameters, eventType: type }
  delete given.userAgent
  if (visitor !== '') {
    delete given.visitorCode
    delete given.mappingValue
  }
  return given
}

/** What identifies the event or its visitor is no property. */
const noProps: ReadonlySet<string> = new Set([
  'eventType',
  'nonce',
  'visitorCode',
  'mappingValue',
  columnParameter,
])

function propsOf(parameters: ParameterTexts, conceal: Conceal): [string, string][] {
  const props: [string, string][] = []
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && !noProps.has(name)) props.push([name, conceal(value, name)])
  }
  return props
}

function isTooLong(event: SitelessEvent): boolean {
  let units = 0
  for (const [, value] of event.props) units += value.length
  return units > eventUnitsSafe && Buffer.byteLength(JSON.stringify(event)) > eventBytesMax
}

function malformed(piece: Piece, cause: string, conceal: Conceal): SitelessEvent {
  return {
    name: '',
    hostname: '',
    pathname: '',
    query: '',
    title: '',
    referrer: '',
    props: [],
    interactive: false,
    scrollDepth: 0,
    engagementMs: 0,
    malformed: { cause, text: conceal(piece.text(), '') },
  }
}

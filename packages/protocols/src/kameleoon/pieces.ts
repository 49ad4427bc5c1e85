import { isUtf8 } from 'node:buffer'
import { withoutMark } from '../byte-order-mark.ts'
import { isJsonObject } from '../json-text.ts'
import { percentDecode } from '../percent-decoding.ts'
import { cutUnits } from '../text-length.ts'
import { isBlank } from '../whitespace.ts'
import { parseExactJson } from './exact-json.ts'
import { documentedName } from './names.ts'

/** Pieces of one body; more refuse the request. */
export const piecesMax = 10_000

/** What is kept of a piece that is no event, in UTF-16 units: in a record it takes up to six times as many bytes. */
export const malformedUnitsMax = 50_000

/** A longer line is not looked at: as an event it would not fit into a record of the log. */
const lineUnitsMax = 450_000

/** What a piece gives of the documented parameters, under their documented names; without empty ones. */
export type Parameters = Readonly<Partial<Record<string, unknown>>>

/** One event of a body, or what stands in its place. */
export interface Piece {
  readonly parameters: Parameters
  /** Set when it cannot be an event. */
  readonly problem?: string
  /** The piece as it was sent, cut to its limit. */
  readonly text: () => string
}

/**
 * The pieces of a body. It is JSON where the caller says so or it begins with a bracket, which no line does.
 * @returns undefined when there are more than `piecesMax`
 */
export function readPieces(body: Buffer, isJson: boolean): readonly Piece[] | undefined {
  const text = withoutMark(body).toString('utf8')
  if (isBlank(text)) return []
  const looksLikeJson = /^\s*[[{]/.test(text)
  if (!isJson && !looksLikeJson) return linePieces(text)
  const parsed = isUtf8(body) ? parseExactJson(text) : undefined
  if (parsed === undefined) return [noPiece(text, 'body: expected JSON')]
  const { value } = parsed
  if (!Array.isArray(value)) return [jsonPiece(value)]
  return value.length > piecesMax ? undefined : value.map(jsonPiece)
}

function noPiece(text: string, problem: string): Piece {
  return { parameters: {}, problem, text: () => cutUnits(text, malformedUnitsMax) }
}

function linePieces(text: string): Piece[] | undefined {
  const pieces: Piece[] = []
  for (let start = 0; start < text.length;) {
    const feed = text.indexOf('\n', start)
    const end = feed === -1 ? text.length : feed
    const line = text.slice(start, text.charCodeAt(end - 1) === carriageReturn ? end - 1 : end)
    start = end + 1
    if (isBlank(line)) continue
    if (pieces.length === piecesMax) return undefined
    pieces.push(linePiece(line))
  }
  return pieces
}

const carriageReturn = 0x0d

function linePiece(line: string): Piece {
  if (line.length > lineUnitsMax) return noPiece(line, tooLong)
  const parameters: Record<string, unknown> = {}
  let last: string | undefined
  for (const pair of line.split('&')) {
    const equals = pair.indexOf('=')
    const name = equals === -1 ? undefined : documentedName(pair.slice(0, equals))
    const { userAgent } = parameters
    if (name !== undefined) {
      const value = decodeValue(name, pair.slice(equals + 1))
      if (value !== '') parameters[name] = value
      last = name
    } else if (last === 'userAgent' && typeof userAgent === 'string' && userAgent.includes(' ')) {
      parameters.userAgent = `${userAgent}&${pair}` // it comes unescaped
    }
  }
  return { parameters, text: () => cutUnits(line, malformedUnitsMax) }
}

export const tooLong = 'event: too long'

/**
 * A `+` is a plus: clients escape as `encodeURIComponent` does, which writes a blank as `%20` and a plus as `%2B`, so one
 * that stands by itself comes from text that was not escaped at all. User agents come unescaped from the SDKs; one that
 * was escaped has no blank.
 */
function decodeValue(name: string, value: string): string {
  return name === 'userAgent' && value.includes(' ') ? value : percentDecode(value)
}

function jsonPiece(value: unknown): Piece {
  const text = (): string => cutUnits(jsonText(value), malformedUnitsMax)
  if (!isJsonObject(value)) return { parameters: {}, problem: 'event: expected a JSON object', text }
  const parameters: Record<string, unknown> = {}
  for (const [given, field] of Object.entries(value)) {
    const name = documentedName(given)
    if (name !== undefined && field !== null && field !== '') parameters[name] = field
  }
  return { parameters, text }
}

/** Never throws: what is nested deeper than the stack reaches has no text. */
function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value, (_, field: unknown) =>
      typeof field === 'bigint' ? field.toString() : field,
    )
  } catch (error) {
    if (error instanceof RangeError) return ''
    throw error
  }
}

/** Answers one query over HTTP: who asks, what, with which data; runs it in a slot; sends what came of it. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ConnectionSlots, Slot } from './connection-slots.ts'
import { EngineError } from './engine-error.ts'
import type { EngineOptions } from './engine-options.ts'
import { cancelWhenGone, runCommand, runInsert, runResult } from './executor.ts'
import { authenticate, readQueryRequest, withFields, type QueryRequest } from './http-request.ts'
import { multipartBoundary, multipartFields } from './multipart.ts'
import type { Engine, EngineConnection } from './native-engine.ts'
import {
  defaultSettings,
  preamble,
  refuseWriteInSession,
  sessionPreamble,
  sessionReset,
  setStatement,
  type StatementContext,
} from './preamble.ts'
import { refuseUnlessReadonly } from './readonly-rules.ts'
import { RequestBody, tooLarge } from './request-body.ts'
import { commonHeaders, type ServerFacts } from './response-head.ts'
import { acceptedEncoding, sendRows, sendWhole, type RowsOptions } from './response-rows.ts'
import type { Sessions } from './sessions.ts'
import { readStatement, type InsertStatement, type Statement } from './statement.ts'

export interface EndpointParts {
  readonly engine: Engine
  readonly slots: ConnectionSlots
  readonly sessions: Sessions
  readonly facts: ServerFacts
  readonly options: EngineOptions
  /** Where data of inserts, and results that are sent when whole, lie meanwhile; relative to the working directory. */
  readonly filesDirectory: string
}

interface Exchange {
  readonly parts: EndpointParts
  readonly response: ServerResponse
  readonly context: StatementContext
  readonly sessionId: string | undefined
  readonly defaultFormat: string
  readonly rows: Omit<RowsOptions, 'format'>
  /** Aborts when the client goes away before its answer is sent. */
  readonly gone: AbortSignal
}

/** @throws EngineError when nothing was sent yet; an error of the connection when the client is gone */
export async function answerQuery(
  parts: EndpointParts,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const user = authenticate(request.headers, url, parts.options.users)
  const inUrl = readQueryRequest(url, request.headers)
  const queryId = inUrl.queryId ?? randomUUID()
  for (const [name, value] of Object.entries(commonHeaders(queryId, parts.facts)))
    response.setHeader(name, value)
  const body = new RequestBody(request)
  const { asked, statement, text } = await readWhatIsAsked(parts, { inUrl, body, request })
  const mayWrite = request.method !== 'GET' && request.method !== 'HEAD'
  const mark = asked.settings.log_comment ?? queryId
  const context: StatementContext = { ...asked, isReadonly: user.readonly, mayWrite, mark }
  const exchange = exchangeOf({ parts, request, response, asked, context, userName: user.name })
  if (user.readonly)
    refuseUnlessReadonly(statement, { tableFunctions: parts.facts.tableFunctions, params: asked.params })
  if (statement.kind === 'insert') {
    await answerInsert(exchange, statement, { body, first: text.subarray(statement.dataStart) })
    return
  }
  await inSlot(exchange, statement, ({ connection, before, slot }) =>
    run(exchange, statement, { connection, before, slot }),
  )
}

function exchangeOf(of: {
  readonly parts: EndpointParts
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly asked: QueryRequest
  readonly context: StatementContext
  readonly userName: string
}): Exchange {
  const { parts, request, response, asked, context } = of
  const { limits } = parts.options
  const gone = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  return {
    parts,
    response,
    context,
    sessionId:
      asked.sessionId === undefined || context.isReadonly ? undefined : `${of.userName}/${asked.sessionId}`,
    defaultFormat: outputFormat(parts.facts, asked.defaultFormat),
    rows: {
      encoding: asked.wantsCompression ? acceptedEncoding(request.headers['accept-encoding']) : undefined,
      compressionLevel: asked.compressionLevel,
      bufferBytes: limits.resultBufferBytes,
      stallMsMax: limits.stallMsMax,
      version: parts.facts.version,
      wholeFile: asked.waitsForEnd
        ? { directory: parts.filesDirectory, bytesMax: limits.resultFileBytesMax }
        : undefined,
    },
    gone: gone.signal,
  }
}

/** The format's name as the engine spells it. */
function outputFormat(facts: ServerFacts, name: string): string {
  const format = facts.formats.get(name.toLowerCase())
  if (format === undefined) throw new EngineError(73, 'UNKNOWN_FORMAT', `Unknown format ${name}`)
  return format
}

interface Asked {
  readonly asked: QueryRequest
  readonly statement: Statement
  readonly text: Buffer
}

/** `query=` and the body, with a line end between, as a ClickHouse server reads them. */
async function readWhatIsAsked(
  parts: EndpointParts,
  of: { readonly inUrl: QueryRequest; readonly body: RequestBody; readonly request: IncomingMessage },
): Promise<Asked> {
  const { sqlBytesMax } = parts.options.limits
  const head = await of.body.readHead(sqlBytesMax)
  const boundary = multipartBoundary(of.request.headers['content-type'])
  if (boundary !== undefined && !head.isWhole) throw tooLarge(sqlBytesMax)
  const fields = boundary === undefined ? undefined : multipartFields(head.bytes, boundary)
  const asked = fields === undefined ? of.inUrl : withFields(of.inUrl, fields)
  const data = fields === undefined ? head.bytes : Buffer.alloc(0)
  const gap = asked.query === '' || data.length === 0 ? '' : '\n'
  const text = Buffer.concat([Buffer.from(asked.query + gap), data])
  const statement = readFirstStatement(parts, text, head.isWhole)
  const sqlBytes = statement.kind === 'insert' ? statement.dataStart : text.length
  if (sqlBytes > sqlBytesMax || (statement.kind !== 'insert' && !head.isWhole)) throw tooLarge(sqlBytesMax)
  return { asked, statement, text }
}

function readFirstStatement(parts: EndpointParts, text: Buffer, isWhole: boolean): Statement {
  const isFormat = (name: string) => parts.facts.formats.has(name.toLowerCase())
  try {
    return readStatement(text.toString('latin1'), isFormat)
  } catch (error) {
    throw isWhole ? error : tooLarge(parts.options.limits.sqlBytesMax)
  }
}

/** The data is whole in a file before the insert begins: a client that breaks off stores nothing. */
async function answerInsert(
  exchange: Exchange,
  statement: InsertStatement,
  data: { readonly body: RequestBody; readonly first: Buffer },
): Promise<void> {
  const { filesDirectory: directory, options } = exchange.parts
  const file = await data.body.toFile({ directory, bytesMax: options.limits.bodyBytesMax }, data.first)
  try {
    await inSlot(exchange, statement, async ({ connection, before }) => {
      const figures = await runInsert(connection, before + statement.fromFile(file.path))
      await sendWhole(
        new Uint8Array(),
        figures,
        exchange.response,
        rowsOptions(exchange, exchange.defaultFormat),
      )
    })
  } finally {
    await file.remove()
  }
}

/** Where a statement runs. */
interface Place {
  readonly connection: EngineConnection
  /** Statements to say first, in the same call. */
  readonly before: string
  readonly slot: Slot
}

async function run(
  exchange: Exchange,
  statement: Exclude<Statement, InsertStatement>,
  place: Place,
): Promise<void> {
  const { response, parts, gone, context } = exchange
  const { connection, before, slot } = place
  if (statement.kind === 'command') {
    const { printed, figures } = await runCommand(connection, before + statement.sql, exchange.defaultFormat)
    await sendWhole(printed, figures, response, rowsOptions(exchange, exchange.defaultFormat))
    return
  }
  const format =
    statement.format === undefined ? exchange.defaultFormat : outputFormat(parts.facts, statement.format)
  const result = runResult(connection, before + statement.intoFile(slot.pipe.path, format), slot.pipe)
  cancelWhenGone(parts.engine, context.mark, { gone, ended: result.figures })
  try {
    await sendRows(result, response, rowsOptions(exchange, format))
  } finally {
    result.pipe.rows.destroy()
    await result.figures.catch(() => undefined)
  }
}

function rowsOptions(exchange: Exchange, format: string): RowsOptions {
  return { ...exchange.rows, format }
}

/** A fresh connection for each statement, so that what it sets ends with it; a session keeps its own. */
async function inSlot(
  exchange: Exchange,
  statement: Statement,
  use: (place: Place) => Promise<void>,
): Promise<void> {
  const { parts, context, gone, sessionId } = exchange
  const slot = await parts.slots.take(context.isReadonly, gone)
  const defaults = defaultSettings(parts.options.limits)
  try {
    if (sessionId !== undefined) {
      refuseWriteInSession(context, statement.kind)
      await inSession(exchange, sessionId, { defaults, slot, use })
      return
    }
    const connection = parts.engine.connect()
    try {
      await use({ connection, before: preamble(context, defaults), slot })
    } finally {
      connection.close()
    }
  } finally {
    slot.release()
  }
}

async function inSession(
  exchange: Exchange,
  sessionId: string,
  of: {
    readonly defaults: Readonly<Record<string, string>>
    readonly slot: Slot
    use(place: Place): Promise<void>
  },
): Promise<void> {
  const { context, parts } = exchange
  const session = parts.sessions.take(sessionId)
  const { connection } = session
  try {
    if (session.isNew) await connection.query(setStatement(Object.entries(of.defaults)), 'Null')
    try {
      await of.use({ connection, before: sessionPreamble(context), slot: of.slot })
    } finally {
      const reset = sessionReset(context, of.defaults)
      if (reset !== '') await connection.query(reset, 'Null')
    }
  } finally {
    session.giveBack()
  }
}

/** Answers one query over HTTP: who asks, what, with which data; runs it in a slot; sends what came of it. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ConnectionSlots, Slot } from './connection-slots.ts'
import { EngineError } from './engine-error.ts'
import type { EngineOptions, EngineUser } from './engine-options.ts'
import { cancelMarked, preamble, runCommand, runInsert, runResult } from './executor.ts'
import { authenticate, readQueryRequest, type QueryRequest } from './http-request.ts'
import type { Engine, EngineConnection } from './native-engine.ts'
import { refuseUnlessReadonly } from './readonly-rules.ts'
import { RequestBody, tooLarge } from './request-body.ts'
import { commonHeaders, type ServerFacts } from './response-head.ts'
import { acceptedEncoding, sendRows, sendWhole, type RowsOptions } from './response-rows.ts'
import { readStatement, type InsertStatement, type Statement } from './statement.ts'

export interface EndpointParts {
  readonly engine: Engine
  readonly slots: ConnectionSlots
  readonly facts: ServerFacts
  readonly options: EngineOptions
  /** Where data of inserts lies meanwhile; relative to the working directory. */
  readonly incomingDirectory: string
}

interface Exchange {
  readonly parts: EndpointParts
  readonly response: ServerResponse
  readonly user: EngineUser
  /** Statements that go before, on the same connection. */
  readonly before: string
  readonly defaultFormat: string
  readonly rows: Omit<RowsOptions, 'format'>
  readonly mark: string
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
  const user = authenticate(request, url, parts.options.users)
  const asked = readQueryRequest(url, request.headers)
  const exchange = exchangeOf({ parts, request, response, asked, user })
  const body = new RequestBody(request)
  const { statement, text } = await readSql(parts, asked.query, body)
  if (user.readonly) {
    refuseUnlessReadonly(statement, { tableFunctions: parts.facts.tableFunctions, params: asked.params })
  }
  if (statement.kind === 'insert') {
    await answerInsert(exchange, statement, { body, first: text.subarray(statement.dataStart) })
    return
  }
  await inSlot(exchange, (connection, slot) => run(exchange, statement, connection, slot))
}

function exchangeOf(of: {
  readonly parts: EndpointParts
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly asked: QueryRequest
  readonly user: EngineUser
}): Exchange {
  const { parts, request, response, asked, user } = of
  const { facts } = parts
  const { limits } = parts.options
  const queryId = asked.queryId ?? randomUUID()
  const headers = commonHeaders(queryId, facts)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  const mayWrite = request.method !== 'GET' && request.method !== 'HEAD'
  const context = { ...asked, user, mark: queryId, mayWrite }
  const gone = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  return {
    parts,
    response,
    user,
    before: preamble(context, limits),
    defaultFormat: outputFormat(facts, asked.defaultFormat),
    rows: {
      headers: {},
      encoding: asked.wantsCompression ? acceptedEncoding(request.headers['accept-encoding']) : undefined,
      compressionLevel: asked.compressionLevel,
      bufferBytes: asked.waitsForEnd ? limits.resultFileBytesMax : limits.resultBufferBytes,
      stallMsMax: limits.stallMsMax,
      version: facts.version,
    },
    mark: asked.settings['log_comment'] ?? queryId,
    gone: gone.signal,
  }
}

/** The format's name as the engine spells it. */
function outputFormat(facts: ServerFacts, name: string): string {
  const format = facts.formats.get(name.toLowerCase())
  if (format === undefined) throw new EngineError(73, 'UNKNOWN_FORMAT', `Unknown format ${name}`)
  return format
}

/** `query=` and the body, with a line end between, as a ClickHouse server reads them. */
async function readSql(
  parts: EndpointParts,
  query: string,
  body: RequestBody,
): Promise<{ readonly statement: Statement; readonly text: Buffer }> {
  const { sqlBytesMax } = parts.options.limits
  const { bytes, isWhole } = await body.readHead(sqlBytesMax)
  const first = Buffer.from(query)
  const gap = query === '' || bytes.length === 0 ? '' : '\n'
  const text = Buffer.concat([first, Buffer.from(gap), bytes])
  const isFormat = (name: string) => parts.facts.formats.has(name.toLowerCase())
  const statement = readStatement(text.toString('latin1'), isFormat)
  const isTooLong =
    statement.kind === 'insert' ? statement.dataStart > sqlBytesMax : text.length > sqlBytesMax
  if (isTooLong || (statement.kind !== 'insert' && !isWhole)) throw tooLarge(sqlBytesMax)
  return { statement, text }
}

/** The data is whole in a file before the insert begins: a client that breaks off stores nothing. */
async function answerInsert(
  exchange: Exchange,
  statement: InsertStatement,
  data: { readonly body: RequestBody; readonly first: Buffer },
): Promise<void> {
  const { incomingDirectory: directory, options } = exchange.parts
  const file = await data.body.toFile({ directory, bytesMax: options.limits.bodyBytesMax }, data.first)
  try {
    await inSlot(exchange, async (connection) => {
      const figures = await runInsert(connection, exchange.before + statement.fromFile(file.path))
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

async function run(
  exchange: Exchange,
  statement: Exclude<Statement, InsertStatement>,
  connection: EngineConnection,
  slot: Slot,
): Promise<void> {
  const { before, response, parts } = exchange
  if (statement.kind === 'command') {
    const { printed, figures } = await runCommand(connection, before + statement.sql, exchange.defaultFormat)
    await sendWhole(printed, figures, response, rowsOptions(exchange, exchange.defaultFormat))
    return
  }
  const format =
    statement.format === undefined ? exchange.defaultFormat : outputFormat(parts.facts, statement.format)
  const sql = before + statement.intoFile(slot.pipe.path, format)
  const result = runResult(connection, sql, slot.pipe)
  const stopCancelling = cancelWhenGone(exchange, result.figures)
  try {
    await sendRows(result, response, rowsOptions(exchange, format))
  } finally {
    result.pipe.rows.destroy()
    stopCancelling()
    await result.figures.catch(() => undefined)
  }
}

function rowsOptions(exchange: Exchange, format: string): RowsOptions {
  return { ...exchange.rows, format }
}

/** A fresh connection for each statement: what it set ends with it. */
async function inSlot(
  exchange: Exchange,
  use: (connection: EngineConnection, slot: Slot) => Promise<void>,
): Promise<void> {
  const slot = await exchange.parts.slots.take(exchange.user.readonly, exchange.gone)
  try {
    const connection = exchange.parts.engine.connect()
    try {
      await use(connection, slot)
    } finally {
      connection.close()
    }
  } finally {
    slot.release()
  }
}

/** How long until a statement whose client is gone is told to end again, if it had not yet begun the first time. */
const cancelEveryMs = 500

function cancelWhenGone(exchange: Exchange, figures: Promise<unknown>): () => void {
  const { gone, parts, mark } = exchange
  let repeat: NodeJS.Timeout | undefined
  const cancel = () => {
    cancelMarked(parts.engine, mark).catch(() => undefined)
  }
  const begin = () => {
    cancel()
    repeat = setInterval(cancel, cancelEveryMs)
  }
  const stop = () => {
    clearInterval(repeat)
    gone.removeEventListener('abort', begin)
  }
  figures.then(stop, stop)
  if (gone.aborted) begin()
  else gone.addEventListener('abort', begin, { once: true })
  return () => {
    if (!gone.aborted) stop()
  }
}

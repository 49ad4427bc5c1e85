/** Sends rows from a pipe to a client: held back at first, so that an error still gets its status, then streamed. */
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { constants, createBrotliCompress, createDeflate, createGzip } from 'node:zlib'
import { engineErrorFrom, EngineError } from './engine-error.ts'
import type { RunningResult, StatementFigures } from './executor.ts'
import { resultHeaders } from './response-head.ts'

export interface RowsOptions {
  readonly format: string
  readonly encoding: Encoding | undefined
  readonly compressionLevel: number
  readonly bufferBytes: number
  readonly stallMsMax: number
  readonly version: string
  /** Set: what does not fit the buffer goes to a file and is sent when the statement is over (`wait_end_of_query`). */
  readonly wholeFile: { readonly directory: string; readonly bytesMax: number } | undefined
}

export type Encoding = 'gzip' | 'deflate' | 'br'

type Chunks = AsyncIterator<Buffer, unknown>

/**
 * @throws EngineError while nothing was sent yet; later errors go into the stream, which is then cut, and the client
 *   finds the error behind the tag that `X-ClickHouse-Exception-Tag` announced
 */
export async function sendRows(
  result: RunningResult,
  response: ServerResponse,
  options: RowsOptions,
): Promise<void> {
  const chunks = result.pipe.rows[Symbol.asyncIterator]() as Chunks
  const held: Buffer[] = []
  let heldBytes = 0
  while (heldBytes <= options.bufferBytes) {
    const next = await chunks.next()
    if (next.done === true) {
      await sendWhole(Buffer.concat(held, heldBytes), await result.figures, response, options)
      return
    }
    held.push(next.value)
    heldBytes += next.value.length
  }
  if (options.wholeFile === undefined) await stream({ result, held, chunks }, response, options)
  else await sendThroughFile({ result, held, chunks }, response, { ...options, ...options.wholeFile })
}

/** Sends a finished body. */
export async function sendWhole(
  body: Uint8Array,
  figures: StatementFigures,
  response: ServerResponse,
  options: RowsOptions,
): Promise<void> {
  response.writeHead(200, {
    ...resultHeaders(options.format, figures),
    ...encodingHeader(options),
    ...(options.encoding === undefined ? { 'content-length': body.length } : {}),
  })
  const sink = compressed(response, options)
  await write(sink, response, { chunk: body, stallMsMax: options.stallMsMax })
  await finish(sink, response)
}

interface Started {
  readonly result: RunningResult
  readonly held: readonly Buffer[]
  readonly chunks: Chunks
}

async function stream(from: Started, response: ServerResponse, options: RowsOptions): Promise<void> {
  const tag = randomBytes(8).toString('hex')
  response.writeHead(200, {
    ...resultHeaders(options.format, undefined),
    ...encodingHeader(options),
    'x-clickhouse-exception-tag': tag,
  })
  const sink = compressed(response, options)
  for await (const chunk of allChunks(from))
    await write(sink, response, { chunk, stallMsMax: options.stallMsMax })
  try {
    await from.result.figures
  } catch (error) {
    const block = exceptionBlock(engineErrorFrom(error), tag, options.version)
    await write(sink, response, { chunk: block, stallMsMax: options.stallMsMax })
    await flush(sink, response)
    // Without the last chunk of the chunked encoding: no client can take the rows for all of them.
    response.socket?.destroySoon()
    return
  }
  await finish(sink, response)
}

async function sendThroughFile(
  from: Started,
  response: ServerResponse,
  options: RowsOptions & { readonly directory: string; readonly bytesMax: number },
): Promise<void> {
  const path = `${options.directory}/${randomUUID()}`
  try {
    await fillFile(path, from, options.bytesMax)
    const figures = await from.result.figures
    response.writeHead(200, { ...resultHeaders(options.format, figures), ...encodingHeader(options) })
    const sink = compressed(response, options)
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      await write(sink, response, { chunk, stallMsMax: options.stallMsMax })
    }
    await finish(sink, response)
  } finally {
    await rm(path, { force: true })
  }
}

async function fillFile(path: string, from: Started, bytesMax: number): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  let bytes = 0
  try {
    for await (const chunk of allChunks(from)) {
      bytes += chunk.length
      if (bytes > bytesMax) {
        throw new EngineError(
          396,
          'TOO_MANY_ROWS_OR_BYTES',
          `The result is larger than the limit of ${bytesMax} bytes`,
        )
      }
      await file.appendFile(chunk)
    }
  } finally {
    await file.close()
  }
}

async function* allChunks({ held, chunks }: Started): AsyncGenerator<Buffer, void> {
  yield* held
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value
}

/** Waits while the client is slow; destroys the response when it takes nothing for too long. */
async function write(
  sink: Writable,
  response: ServerResponse,
  options: { readonly chunk: Uint8Array; readonly stallMsMax: number },
): Promise<void> {
  if (response.destroyed) throw new Error('the client went away')
  if (sink.write(options.chunk)) return
  const stalled = setTimeout(() => response.destroy(), options.stallMsMax)
  try {
    await unlessClosed(response, (signal) => once(sink, 'drain', { signal }))
  } finally {
    clearTimeout(stalled)
  }
}

/** Ends the answer and waits until it is handed to the system. */
async function finish(sink: Writable, response: ServerResponse): Promise<void> {
  await flush(sink, response)
  if (response.destroyed) return
  await new Promise<void>((resolve) => {
    response.once('close', resolve)
    response.end(resolve)
  })
}

/** Ends the compressor, if there is one, and waits until the response has taken all of it. */
async function flush(sink: Writable, response: ServerResponse): Promise<void> {
  if (sink === response) return
  await unlessClosed(response, async (signal) => {
    const ended = once(sink, 'end', { signal })
    sink.end()
    await ended
  })
}

/** @throws Error (rejects) when the response closes first */
async function unlessClosed(
  response: ServerResponse,
  wait: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const gone = new AbortController()
  const leave = () => {
    gone.abort()
  }
  response.once('close', leave)
  try {
    await wait(gone.signal)
  } finally {
    response.off('close', leave)
  }
}

/** As ClickHouse 25.11 and later: marker, tag, message, its length and the tag again. */
export function exceptionBlock(error: EngineError, tag: string, version: string): Buffer {
  const message = Buffer.from(`${error.message} (version ${version})\n`)
  return Buffer.concat([
    Buffer.from(`\r\n__exception__\r\n${tag}\r\n`),
    message,
    Buffer.from(`${message.length} ${tag}\r\n__exception__\r\n`),
  ])
}

function encodingHeader({ encoding }: RowsOptions): Record<string, string> {
  return encoding === undefined ? {} : { 'content-encoding': encoding }
}

/** The response itself, or a compressor before it; ending the compressor does not end the response. */
function compressed(response: ServerResponse, options: RowsOptions): Writable {
  const compressor = compressorOf(options)
  if (compressor === undefined) return response
  compressor.pipe(response, { end: false })
  response.once('close', () => compressor.destroy())
  return compressor
}

function compressorOf({ encoding, compressionLevel: level }: RowsOptions) {
  switch (encoding) {
    case 'gzip':
      return createGzip({ level })
    case 'deflate':
      return createDeflate({ level })
    case 'br':
      return createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: Math.min(level, 4) } })
    case undefined:
      return undefined
  }
}

/** The first of gzip, deflate and br the client takes. */
export function acceptedEncoding(header: string | undefined): Encoding | undefined {
  const parts = (header ?? '').toLowerCase().split(',')
  const wanted = parts
    .filter((part) => !/;\s*q=0(?:\.0*)?\s*$/.test(part))
    .map((part) => part.split(';')[0]?.trim())
  return (['gzip', 'deflate', 'br'] as const).find((encoding) => wanted.includes(encoding))
}

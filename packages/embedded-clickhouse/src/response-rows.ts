/** Sends rows from a pipe to a client: held back at first, so that an error still gets its status, then streamed. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { createBrotliCompress, createDeflate, createGzip } from 'node:zlib'
import type { EngineError } from './engine-error.ts'
import { engineErrorFrom } from './engine-error.ts'
import type { RunningResult, StatementFigures } from './executor.ts'
import { resultHeaders } from './response-head.ts'

export interface RowsOptions {
  readonly format: string
  readonly headers: Readonly<Record<string, string>>
  readonly encoding: Encoding | undefined
  readonly compressionLevel: number
  readonly bufferBytes: number
  readonly stallMsMax: number
  readonly version: string
}

export type Encoding = 'gzip' | 'deflate' | 'br'

/**
 * @throws EngineError while nothing was sent yet; later errors go into the stream, which is then cut, and the client
 *   finds the error behind the tag that `X-ClickHouse-Exception-Tag` announced
 */
export async function sendRows(
  result: RunningResult,
  response: ServerResponse,
  options: RowsOptions,
): Promise<void> {
  const chunks = result.pipe.rows[Symbol.asyncIterator]() as AsyncIterator<Buffer>
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
  await stream({ result, held, chunks }, response, options)
}

/** Sends a finished body. */
export async function sendWhole(
  body: Uint8Array,
  figures: StatementFigures,
  response: ServerResponse,
  options: RowsOptions,
): Promise<void> {
  const { encoding } = options
  response.writeHead(200, {
    ...options.headers,
    ...resultHeaders(options.format, figures),
    ...(encoding === undefined ? { 'content-length': body.length } : { 'content-encoding': encoding }),
  })
  const sink = compressed(response, options)
  sink.end(body)
  await closed(response)
}

async function stream(
  from: {
    readonly result: RunningResult
    readonly held: readonly Buffer[]
    readonly chunks: AsyncIterator<Buffer>
  },
  response: ServerResponse,
  options: RowsOptions,
): Promise<void> {
  const { result, held, chunks } = from
  const tag = randomBytes(8).toString('hex')
  response.writeHead(200, {
    ...options.headers,
    ...resultHeaders(options.format, undefined),
    'x-clickhouse-exception-tag': tag,
    ...(options.encoding === undefined ? {} : { 'content-encoding': options.encoding }),
  })
  const sink = compressed(response, options)
  for (const chunk of held) await write(sink, response, { chunk, stallMsMax: options.stallMsMax })
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    await write(sink, response, { chunk: next.value, stallMsMax: options.stallMsMax })
  }
  try {
    await result.figures
  } catch (error) {
    await cut(sink, response, exceptionBlock(engineErrorFrom(error), tag, options.version))
    return
  }
  sink.end()
  await closed(response)
}

/** Waits while the client is slow; destroys the response when it takes nothing for too long. */
async function write(
  sink: Writable,
  response: ServerResponse,
  options: { readonly chunk: Buffer; readonly stallMsMax: number },
): Promise<void> {
  if (response.destroyed) throw new Error('the client went away')
  if (sink.write(options.chunk)) return
  const gone = new AbortController()
  const leave = () => gone.abort()
  const stalled = setTimeout(() => response.destroy(), options.stallMsMax)
  response.once('close', leave)
  try {
    await once(sink, 'drain', { signal: gone.signal })
  } finally {
    clearTimeout(stalled)
    response.off('close', leave)
  }
}

/** As ClickHouse 25.11 and later: marker, tag, message, its length and the tag again; then the connection breaks. */
export function exceptionBlock(error: EngineError, tag: string, version: string): Buffer {
  const message = Buffer.from(`${error.message} (version ${version})\n`)
  return Buffer.concat([
    Buffer.from(`\r\n__exception__\r\n${tag}\r\n`),
    message,
    Buffer.from(`${message.length} ${tag}\r\n__exception__\r\n`),
  ])
}

async function cut(sink: Writable, response: ServerResponse, block: Buffer): Promise<void> {
  await new Promise<void>((resolve) => {
    response.once('close', () => resolve())
    if (sink === response) sink.write(block, () => resolve())
    else {
      response.once('pipe', () => undefined)
      sink.end(block, () => resolve())
    }
  })
  response.socket?.destroySoon()
}

function closed(response: ServerResponse): Promise<void> {
  if (response.writableFinished || response.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    response.once('finish', () => resolve())
    response.once('close', () => resolve())
  })
}

/** The response itself, or a compressor before it. */
function compressed(response: ServerResponse, options: RowsOptions): Writable {
  const compressor = compressorOf(options)
  if (compressor === undefined) return response
  compressor.pipe(response)
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
      return createBrotliCompress({ params: { 1: Math.min(level, 4) } })
    case undefined:
      return undefined
  }
}

/** The first of gzip, deflate and br the client takes. */
export function acceptedEncoding(header: string | undefined): Encoding | undefined {
  const accepted = (header ?? '')
    .toLowerCase()
    .split(',')
    .map((part) => part.trim())
  const refused = accepted.filter((part) => /;\s*q=0(?:\.0*)?$/.test(part)).map((part) => part.split(';')[0])
  return (['gzip', 'deflate', 'br'] as const).find(
    (encoding) =>
      !refused.includes(encoding) && accepted.some((part) => part.split(';')[0]?.trim() === encoding),
  )
}

/** The HTTP side of the engine: `/ping`, `/`, and queries; on loopback only. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EngineError, engineErrorFrom } from './engine-error.ts'
import { isForeign } from './http-request.ts'
import { answerQuery, type EndpointParts } from './query-endpoint.ts'

export interface HttpEndpoint {
  readonly port: number
  /** Takes nothing new; waits for nothing. */
  stop(): void
  /** Cuts what is left. */
  cut(): void
}

/** @throws Error (rejects) when the port is taken */
export async function serveEndpoint(parts: EndpointParts): Promise<HttpEndpoint> {
  const { host, port, limits } = parts.options
  const server = createServer(
    {
      maxHeaderSize: limits.requestHeadBytesMax,
      keepAliveTimeout: limits.stallMsMax,
      headersTimeout: limits.stallMsMax,
      requestTimeout: 0,
    },
    (request, response) => void answer(parts, request, response),
  )
  server.maxConnections = limits.openSocketsMax
  server.timeout = 0
  await listen(server, host, port)
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      server.close()
      server.closeIdleConnections()
    },
    cut: () => server.closeAllConnections(),
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function answer(
  parts: EndpointParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  watchForStall(request, parts.options.limits.stallMsMax)
  response.on('error', () => undefined)
  try {
    await route(parts, request, response)
  } catch (error) {
    sendError(parts, request, response, error)
  }
}

async function route(
  parts: EndpointParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (isForeign(request.headers)) {
    throw new EngineError(497, 'ACCESS_DENIED', 'Requests from other hosts and from web pages are refused')
  }
  const target = request.url ?? '/'
  if (!target.startsWith('/') || !URL.canParse(target, 'http://localhost')) throw noSuchPath(target)
  const url = new URL(target, 'http://localhost')
  const isReading = request.method === 'GET' || request.method === 'HEAD'
  if (isReading && (plainPaths.has(url.pathname) || target === '/')) {
    response.writeHead(200, { 'content-type': 'text/html; charset=UTF-8' }).end('Ok.\n')
    return
  }
  if (url.pathname !== '/' || !methods.has(request.method ?? '')) throw noSuchPath(target)
  await answerQuery(parts, request, response, url)
}

const plainPaths = new Set(['/ping', '/replicas_status'])
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT'])

function noSuchPath(target: string): EngineError {
  return new EngineError(79, 'INCORRECT_FILE_NAME', `There is no handle ${target.slice(0, 200)}`, 404)
}

/** A client that stops sending in mid-request is cut off; a statement that takes long is not. */
function watchForStall(request: IncomingMessage, stallMsMax: number): void {
  let seen = -1
  const timer = setInterval(() => {
    const { bytesRead } = request.socket
    if (!request.complete && bytesRead === seen) request.destroy()
    seen = bytesRead
  }, stallMsMax)
  timer.unref()
  request.once('close', () => {
    clearInterval(timer)
  })
}

/** How long a client whose request was refused may go on sending before its connection is closed. */
const unreadMsMax = 2_000

function sendError(
  parts: EndpointParts,
  request: IncomingMessage,
  response: ServerResponse,
  thrown: unknown,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const error = engineErrorFrom(thrown)
  if (!request.complete) discardRest(request, response)
  const body = `${error.message} (version ${parts.facts.version})\n`
  response.writeHead(error.status, {
    'content-type': 'text/plain; charset=UTF-8',
    'content-length': Buffer.byteLength(body),
    'x-clickhouse-exception-code': String(error.code),
    ...(error.status === 401 ? { 'www-authenticate': 'Basic realm="ClickHouse server HTTP API"' } : {}),
  })
  response.end(body)
}

function discardRest(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('connection', 'close')
  request.unpipe()
  request.resume()
  request.on('error', () => undefined)
  const timer = setTimeout(() => request.destroy(), unreadMsMax)
  timer.unref()
  request.once('close', () => {
    clearTimeout(timer)
  })
}

import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { routePath, type EventRoute, type ReceivedRequest } from '@millrace/intake'
import type { WireAnswer } from '@millrace/protocols'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { problem } from './answers.ts'
import { allowEveryOrigin, openToEveryOrigin } from './cross-origin.ts'
import type { InternalEvents } from './internal-events.ts'
import { openApiDocument } from './openapi.ts'
import type { QueryRoute } from './query-route.ts'
import type { ReadinessReport } from './readiness.ts'
import { BodyError, BodyReader } from './request-body.ts'

export interface HttpServerOptions {
  readonly routes: readonly EventRoute[]
  readonly accept: (route: EventRoute, request: ReceivedRequest) => Promise<WireAnswer>
  readonly queryRoutes?: readonly QueryRoute[]
  /** Whether the producer should get requests now. */
  readonly readiness: () => Promise<ReadinessReport>
  readonly metricsText: () => Promise<string>
  readonly internalEvents: InternalEvents
  readonly limits: {
    readonly bodyBytesMax: number
    readonly bodyBytesInFlightMax: number
    readonly headerBytesMax: number
    readonly headersTimeoutMs: number
    readonly requestTimeoutMs: number
    readonly keepAliveTimeoutMs: number
    readonly connectionsMax: number
    readonly retryAfterS: number
  }
}

/** How often Node looks for connections past their deadlines. */
const deadlineCheckMs = 1_000
const noBody = Buffer.alloc(0)

/** The HTTP side of the producer; `listen` on what is returned opens it. */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { limits } = options
  const server = fastify({
    logger: false,
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    http: {
      headersTimeout: limits.headersTimeoutMs,
      maxHeaderSize: limits.headerBytesMax,
      connectionsCheckingInterval: deadlineCheckMs,
    },
    exposeHeadRoutes: true,
    // A base address that ends in a slash makes clients ask for //api/event; Plausible's server takes both forms too.
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true },
    genReqId: () => '',
    frameworkErrors: (error, _request, reply) => {
      options.internalEvents.answered('unmatched', statusOf(error))
      reply.header(...allowEveryOrigin)
      send(reply, error.code === 'FST_ERR_BAD_URL' ? badPath : answerTo(error, statusOf(error)))
    },
    clientErrorHandler: (error, socket) => {
      answerUnreadable(error, socket, options.internalEvents)
    },
  })
  server.server.maxConnections = limits.connectionsMax
  openToEveryOrigin(server)
  refuseCompressed(server)
  readAnyBody(server, limits)
  addEventRoutes(server, options)
  addQueryRoutes(server, options)
  addOperatingRoutes(server, options)
  answerTrouble(server, options)
  return server
}

/**
 * What bodies would unpack to is not known beforehand, and no client of the four protocols compresses: such a body is
 * refused before it is read (RFC 9110, 15.5.16).
 */
function refuseCompressed(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? ''
    if (encoding === '' || encoding === 'identity') done()
    else send(reply, compressed)
  })
}

const compressed = problem(
  415,
  {
    code: 'CONTENT_ENCODING',
    message: 'Bodies are taken uncompressed only; send them without Content-Encoding.',
  },
  { 'accept-encoding': 'identity', connection: 'close' },
)

/** Bodies are read as bytes whatever their type is called, even when it is no valid type: the decoders decide. */
function readAnyBody(server: FastifyInstance, limits: HttpServerOptions['limits']): void {
  const reader = new BodyReader({
    bytesMax: limits.bodyBytesMax,
    bytesInFlightMax: limits.bodyBytesInFlightMax,
  })
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', (_request, payload, done) => {
    reader.read(payload, done)
  })
  server.decorateRequest('contentType', undefined)
  server.decorateRequest('peer', '')
  server.addHook('onRequest', (request, _reply, done) => {
    // Fastify refuses what is no media type with 415; without the header it asks no further.
    const { headers } = request.raw
    request.contentType = headers['content-type']
    request.peer = request.raw.socket.remoteAddress ?? ''
    headers['content-type'] = undefined
    done()
  })
}

declare module 'fastify' {
  interface FastifyRequest {
    /** As sent; the header itself is hidden from the framework. */
    contentType: string | undefined
    /** Address of the sender, taken while the connection is open: a sender may be gone before its body is handled. */
    peer: string
  }
}

function addEventRoutes(server: FastifyInstance, options: HttpServerOptions): void {
  for (const route of options.routes) {
    server.route({
      method: [...route.methods],
      url: route.path,
      exposeHeadRoute: false,
      // Not async: of an async handler the framework awaits the whole answer, with listeners on each.
      handler: (request, reply) => {
        const startedAt = performance.now()
        options
          .accept(route, receivedRequest(request))
          .then((answer) => {
            send(reply, answer)
            options.internalEvents.eventsAnswered(performance.now() - startedAt)
          })
          .catch((error: unknown) => reply.send(error))
      },
    })
  }
}

function addQueryRoutes(server: FastifyInstance, { queryRoutes = [] }: HttpServerOptions): void {
  for (const route of queryRoutes) {
    server.route({
      method: [...route.methods],
      url: route.path,
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        send(reply, await route.answer(receivedRequest(request)))
        return reply
      },
    })
  }
}

function receivedRequest(request: FastifyRequest): ReceivedRequest {
  const { method = '', url = '', headers } = request.raw
  headers['content-type'] = request.contentType
  const mark = url.indexOf('?')
  return {
    method,
    query: mark === -1 ? '' : url.slice(mark + 1),
    headers,
    body: (request.body as Buffer | undefined) ?? noBody,
    peer: request.peer,
  }
}

function send(reply: FastifyReply, answer: WireAnswer): void {
  reply.code(answer.status).header('content-type', answer.contentType)
  if (answer.headers !== undefined) reply.headers(answer.headers)
  reply.send(answer.body)
}

function addOperatingRoutes(server: FastifyInstance, options: HttpServerOptions): void {
  const openApi = JSON.stringify(openApiDocument(options.routes, options.queryRoutes), undefined, 2)
  server.get('/healthz', (_request, reply) => reply.type('text/plain; charset=utf-8').send('ok\n'))
  server.get('/readyz', async (_request, reply) => {
    const { reasons, notes } = await options.readiness()
    const isReady = isEmpty(reasons)
    return reply.code(isReady ? 200 : 503).send({
      status: isReady ? 'ready' : 'not ready',
      ...(isReady ? {} : { reasons }),
      ...(isEmpty(notes) ? {} : { notes }),
    })
  })
  // Plausible's health check; its `postgres` and `clickhouse` are not the producer's neighbours, so they are not claimed.
  server.get('/api/health', async (_request, reply) => {
    const { log, ...others } = (await options.readiness()).reasons
    return reply.code(log === undefined ? 200 : 500).send({ log: log ?? 'ok', sites_cache: 'ok', ...others })
  })
  // Plausible answers here with nothing, and monitors made for it may ask.
  server.get('/api/error', (_request, reply) => reply.send(''))
  server.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await options.metricsText()),
  )
  server.get('/openapi.json', (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(openApi),
  )
}

function isEmpty(byPart: Readonly<Record<string, string>>): boolean {
  return Object.keys(byPart).length === 0
}

function answerTrouble(server: FastifyInstance, options: HttpServerOptions): void {
  const { internalEvents, limits } = options
  server.addHook('onResponse', (request, reply, done) => {
    internalEvents.answered(
      request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched'),
      reply.statusCode,
    )
    done()
  })
  server.setNotFoundHandler((request, reply) => {
    const mark = request.url.indexOf('?')
    const path = routePath(mark === -1 ? request.url : request.url.slice(0, mark))
    const allowed = (['GET', 'POST'] as const).filter((method) => server.hasRoute({ method, url: path }))
    send(reply, allowed.length === 0 ? notFound : methodNotAllowed(allowed))
  })
  server.setErrorHandler((error, _request, reply) => {
    const status = statusOf(error)
    if (status === 503) reply.header('retry-after', String(limits.retryAfterS))
    if (status >= 500 && !(error instanceof BodyError)) internalEvents.requestFailed(error)
    send(reply, answerTo(error, status))
  })
}

/** What Fastify says of it would repeat the path. */
const badPath = problem(400, { code: 'BAD_PATH', message: 'The path has broken percent-encoding.' })

const notFound = problem(404, {
  code: 'NOT_FOUND',
  message: 'There is nothing here; /openapi.json says what is.',
})

function methodNotAllowed(allowed: readonly string[]): WireAnswer {
  const message = `This path takes ${allowed.join(' and ')}.`
  return problem(405, { code: 'METHOD_NOT_ALLOWED', message }, { allow: [...allowed, 'OPTIONS'].join(', ') })
}

const unreadable: Readonly<Record<string, WireAnswer | undefined>> = {
  ERR_HTTP_REQUEST_TIMEOUT: problem(408, {
    code: 'REQUEST_TIMEOUT',
    message: 'The request did not come to its end in time.',
  }),
  HPE_HEADER_OVERFLOW: problem(431, { code: 'HEADERS_TOO_LARGE', message: 'The headers are too large.' }),
}
const notHttp = problem(400, { code: 'NOT_HTTP', message: 'The request cannot be read as HTTP.' })

/** What never became a request: the answer is written past the framework, and the connection ends with it. */
function answerUnreadable(
  error: Error & { readonly code?: string },
  socket: Socket,
  internalEvents: InternalEvents,
): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const { status, contentType, body } = unreadable[error.code ?? ''] ?? notHttp
  internalEvents.answered('unreadable', status)
  if (socket.writable) {
    const length = String(Buffer.byteLength(body))
    const lines = [
      `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
      `content-type: ${contentType}`,
      `content-length: ${length}`,
      'connection: close',
    ]
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
  }
  socket.destroy(error)
}

/** A client error keeps its status; anything else is ours. */
function statusOf(error: unknown): number {
  const given = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  return given >= 400 && given <= 599 ? given : 500
}

function answerTo(error: unknown, status: number): WireAnswer {
  if (status === 500 || !(error instanceof Error)) {
    return problem(500, {
      code: 'INTERNAL',
      message: 'The request failed; nothing is promised of its events.',
    })
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'BAD_REQUEST'
  return problem(status, { code, message: error.message })
}

import type { AddressInfo } from 'node:net'
import { BotDetector, defaultTrustedProxies, parseTrustedProxies } from '@millrace/enrichment'
import { AcceptedCounts, eventRoutes, Intake, RawRecords } from '@millrace/intake'
import { Batcher, type AppendRecord } from '@millrace/log'
import { Metrics, type Logger } from '@millrace/runtime'
import { acceptAllSites, parseSites, RateLimiter } from '@millrace/sites'
import type { FastifyInstance } from 'fastify'
import { createHttpServer } from './http-server.ts'
import { InternalEvents } from './internal-events.ts'
import { MemoryLog } from './memory-log.ts'
import { Producer } from './producer.ts'

export const aBrowser =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
export const now = Date.UTC(2026, 10, 21, 12)

export interface Changes {
  readonly sites?: object
  readonly backlogRecordsMax?: number
  readonly deadlineMs?: number
  readonly withoutLog?: boolean
  readonly spam?: readonly string[]
  readonly recordBytesMax?: number
  readonly batchRecordsMax?: number
}

const httpLimits = {
  bodyBytesMax: 3_000_000,
  bodyBytesInFlightMax: 30_000_000,
  headerBytesMax: 16_384,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 5_000,
  keepAliveTimeoutMs: 5_000,
  connectionsMax: 1_000,
  retryAfterS: 2,
}

/** A producer over a log in memory, listening on loopback; `servers` gets what is to be closed. */
export async function startTestProducer(changes: Changes, servers: FastifyInstance[]) {
  const log = new MemoryLog()
  const batcher = new Batcher({
    appender: log,
    batchRecordsMax: changes.batchRecordsMax ?? 1_000,
    batchBytesMax: 900_000,
    backlogRecordsMax: changes.backlogRecordsMax ?? 1_000,
    backlogBytesMax: 10_000_000,
    deadlineMs: changes.deadlineMs ?? 200,
    retryDelayMs: 10,
  })
  const metrics = new Metrics()
  const lines: string[] = []
  const write = (...given: unknown[]) => lines.push(JSON.stringify(given))
  const logger = { info: write, warn: write, error: write, fatal: write } as unknown as Logger
  const internalEvents = new InternalEvents({ logger, metrics, backlogFill: () => batcher.fill })
  const sites = changes.sites === undefined ? acceptAllSites() : parseSites(JSON.stringify(changes.sites))
  const eventLog = {
    append: (records: readonly AppendRecord[]) => batcher.append(records),
    records: new RawRecords({ producerId: 'producer-1', partitionCount: MemoryLog.partitionCount }),
  }
  const limits = {
    recordBytesMax: changes.recordBytesMax ?? 500_000,
    batchRecordsMax: changes.batchRecordsMax ?? 1_000,
    batchBytesMax: 900_000,
    retryAfterS: 2,
  }
  const counts = new AcceptedCounts({ counterId: 'run-1' })
  const producer = new Producer({
    eventLog: () => (changes.withoutLog === true ? undefined : eventLog),
    intake: new Intake({
      sites: () => sites,
      trustedProxies: parseTrustedProxies(defaultTrustedProxies),
      bots: new BotDetector(),
      referrerSpam: { has: (url) => (changes.spam ?? []).includes(url) },
    }),
    sites: () => sites,
    rateLimiter: new RateLimiter(),
    internalEvents,
    counts,
    now: () => now,
    limits,
  })
  const server = createHttpServer({
    routes: eventRoutes,
    accept: (route, request) => producer.accept(route, request),
    readiness: () => Promise.resolve({ reasons: {}, notes: {} }),
    metricsText: () => metrics.registry.metrics(),
    internalEvents,
    limits: httpLimits,
  })
  servers.push(server)
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  const post = (body: object, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${String(port)}/api/event`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', 'user-agent': aBrowser, ...headers },
      body: JSON.stringify(body),
    })
  return { log, post, port, lines, counts, metricsText: () => metrics.registry.metrics() }
}

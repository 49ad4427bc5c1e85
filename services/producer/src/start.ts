import { join } from 'node:path'
import { workerData } from 'node:worker_threads'
import { topics } from '@millrace/events'
import { eventRoutes, openIntake } from '@millrace/intake'
import { openLog } from '@millrace/log'
import { collectMetrics, type RunningService, type ServiceContext } from '@millrace/runtime'
import { RateLimiter } from '@millrace/sites'
import type { FastifyInstance } from 'fastify'
import { BookKeeper } from './book-keeper.ts'
import { closeServer } from './close-server.ts'
import { limits, spills, type ProducerConfig } from './config.ts'
import { createHttpServer } from './http-server.ts'
import { InternalEvents } from './internal-events.ts'
import { listenWhenFree } from './listen.ts'
import { LogLink } from './log-link.ts'
import { openOcteth } from './octeth/open-octeth.ts'
import { Producer } from './producer.ts'
import { Readiness } from './readiness.ts'
import { selfTestRoutes } from './self-test-route.ts'
import { Spill } from './spill/store.ts'

/** A producer that takes requests. */
export interface RunningProducer extends RunningService {
  readonly port: number
}

/** Wires the producer and opens its port; resolves when it listens, and with a prompt log, when it is ready. */
export async function startProducer(
  config: ProducerConfig,
  context: Pick<ServiceContext, 'logger' | 'metrics' | 'fail'>,
): Promise<RunningProducer> {
  const { logger, metrics } = context
  const internalEvents: InternalEvents = new InternalEvents({
    logger,
    metrics,
    backlogFill: () => link.backlogFill,
    spilled: () => link.spill,
  })
  const spill = await openSpill(config, internalEvents, context.fail)
  const door = await openIntake({
    config,
    onReload: () => internalEvents.sitesReloaded(),
    onRefused: (error) => internalEvents.sitesRefused(error),
  })
  const books = new BookKeeper({
    log: () => link.log,
    spill: spill && ((records) => spill.append(records)),
    internalEvents: () => internalEvents,
    now: Date.now,
    limits,
  })
  const link: LogLink = new LogLink({
    openLog: () => openLog(config, { clientId: 'millrace-producer' }),
    internalEvents: () => internalEvents,
    onGivenUp: context.fail,
    ...(spill === undefined ? {} : { spill: { store: spill, afterMs: config.SPILL_AFTER_MS } }),
    onDrained: (records, positions) => books.countDrained(records, positions),
    onSettled: () => books.close(),
    limits: linkLimits(config),
  })
  const octeth = openOcteth({ ...context, ...octethOptions(config), sites: door.sites })
  const producer = new Producer({
    eventLog: () => link.eventLog,
    intake: door.intake,
    sites: door.sites,
    rateLimiter: new RateLimiter(),
    internalEvents,
    counts: books.counts,
    subscribers: octeth.subscribers,
    now: Date.now,
    limits,
  })
  const readiness = readinessOf(link)
  const server = createHttpServer({
    routes: eventRoutes,
    queryRoutes: [...octeth.routes, ...selfTestRoutes(config.SELF_TEST_TOKEN, door.explain)],
    accept: (route, request) => producer.accept(route, request),
    readiness: () => readiness.report(),
    metricsText: () => collectMetrics(metrics, { peers: peers(), waitMsMax: limits.metricsWaitMsMax }),
    internalEvents,
    limits: httpLimits(config),
  })
  await link.whenPrompt(limits.promptStartMsMax)
  const port = await listen(server, config, internalEvents)
  internalEvents.startedWith({ ...sourcesOf(config), producerId: link.producerId })
  return {
    port,
    drain: async () => {
      readiness.drain()
      await closeServer(server, limits.closeMsMax)
      await link.close()
      await door.close()
      await octeth.close()
      internalEvents.drained()
    },
  }
}

async function openSpill(
  config: ProducerConfig,
  internalEvents: InternalEvents,
  fail: ServiceContext['fail'],
): Promise<Spill | undefined> {
  if (!spills(config)) return undefined
  return Spill.open({
    root: join(config.DATA_DIR, 'spill'),
    bytesMax: config.SPILL_BYTES_MAX,
    writeMsMax: limits.spillWriteMsMax,
    leftBehindAfterMs: limits.leftBehindAfterMs,
    onTaken: fail,
    onUnreadable: (error) => internalEvents.spillTrouble(error),
  })
}

function readinessOf(link: LogLink): Readiness {
  return new Readiness({
    probe: () => link.log?.watermarks(topics.raw),
    logTrouble: () => link.appendTrouble,
    backlogFill: () => link.backlogFill,
    backlogFillMax: limits.readyBacklogShareMax,
    spill: () => link.spill,
    spillFillMax: limits.readySpillShareMax,
    probeMsMax: limits.readyProbeMsMax,
    probeAgeMsMax: limits.readyProbeAgeMsMax,
    now: Date.now,
  })
}

function sourcesOf(config: ProducerConfig) {
  return {
    log: config.KAFKA_BROKERS === undefined ? 'embedded' : 'kafka',
    sites: config.SITES_FILE ?? 'every site is accepted',
  }
}

function octethOptions(config: ProducerConfig) {
  const store = {
    url: config.clickHouseUrl,
    database: config.CLICKHOUSE_DATABASE,
    user: config.CLICKHOUSE_USER,
    password: config.CLICKHOUSE_PASSWORD,
  }
  return { store, retryAfterS: limits.retryAfterS }
}

function linkLimits(config: ProducerConfig) {
  return {
    ...limits,
    backlogEventsMax: config.BACKLOG_EVENTS_MAX,
    backlogBytesMax: config.BACKLOG_BYTES_MAX,
    appendDeadlineMs: config.APPEND_DEADLINE_MS,
  }
}

function httpLimits(config: ProducerConfig) {
  return {
    bodyBytesMax: config.BODY_BYTES_MAX,
    bodyBytesInFlightMax: config.BODY_BYTES_IN_FLIGHT_MAX,
    headerBytesMax: limits.headerBytesMax,
    headersTimeoutMs: config.HEADERS_TIMEOUT_MS,
    requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
    keepAliveTimeoutMs: config.KEEP_ALIVE_TIMEOUT_MS,
    connectionsMax: config.CONNECTIONS_MAX,
    retryAfterS: limits.retryAfterS,
  }
}

async function listen(
  server: FastifyInstance,
  config: ProducerConfig,
  internalEvents: InternalEvents,
): Promise<number> {
  const { HOST: host, PORT: wanted } = config
  await listenWhenFree({
    listen: async () => {
      await server.listen({ host, port: wanted })
    },
    address: `${host}:${String(wanted)}`,
    waitMsMax: limits.portWaitMsMax,
    pollMs: limits.portPollMs,
    onTaken: () => internalEvents.portTaken({ host, port: wanted, waitMsMax: limits.portWaitMsMax }),
    now: Date.now,
  })
  const address = server.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : wanted
  internalEvents.listening({ host, port })
  return port
}

/** Service threads of this process beside this one, as their starter says. */
function peers(): number {
  const given: unknown = workerData
  if (typeof given !== 'object' || given === null || !('peers' in given)) return 0
  return Number(given.peers)
}

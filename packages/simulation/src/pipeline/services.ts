import {
  InternalEvents as EnricherEvents,
  limits as enricherLimits,
  readConfig as readEnricherConfig,
  startReading,
} from '@millrace/enricher/testing'
import { BotDetector, defaultTrustedProxies, parseTrustedProxies } from '@millrace/enrichment'
import { Intake, eventRoutes, type ReceivedRequest } from '@millrace/intake'
import {
  BookKeeper,
  limits,
  InternalEvents as ProducerEvents,
  LogLink,
  Producer,
} from '@millrace/producer/testing'
import type { WireAnswer } from '@millrace/protocols'
import { assert, Metrics } from '@millrace/runtime'
import {
  InternalEvents as SinkEvents,
  readConfig as readSinkConfig,
  runConsumers,
} from '@millrace/sink/testing'
import { acceptAllSites, RateLimiter } from '@millrace/sites'
import type { SimulatedProcess } from '../machine/simulated-process.ts'
import { enrichmentRules } from './enrichment-rules.ts'
import { openSimulatedLog, openSimulatedSpill, openSimulatedStore, type World } from './world.ts'

export const serviceKinds = ['producer', 'enricher', 'sink'] as const
export type ServiceKind = (typeof serviceKinds)[number]

/** A service in a simulated process, wired from the production parts. */
export interface Service {
  /** Drains. */
  stop(): Promise<void>
  /** Takes a request; producers only. */
  accept?(request: ReceivedRequest): Promise<WireAnswer>
}

export interface ServiceContext {
  readonly world: World
  readonly process: SimulatedProcess
  readonly dataDirectory: string
  /** The service cannot go on. */
  readonly fail: (error: unknown) => void
}

export const starters: Readonly<Record<ServiceKind, (context: ServiceContext) => Service>> = {
  producer: startProducer,
  enricher: startEnricher,
  sink: startSink,
}

// Pure, and costly to make: one serves all processes.
const rules = enrichmentRules()
const sites = acceptAllSites()
const intake = new Intake({
  sites: () => sites,
  trustedProxies: parseTrustedProxies(defaultTrustedProxies),
  bots: new BotDetector(),
  referrerSpam: { has: () => false },
})

function startProducer({ world, process, dataDirectory, fail }: ServiceContext): Service {
  const { logger, settings } = world
  const internalEvents: ProducerEvents = new ProducerEvents({
    logger,
    metrics: new Metrics(),
    backlogFill: () => link.backlogFill,
    spilled: () => link.spill,
  })
  const store = openSimulatedSpill(world, process, dataDirectory)
  const books = new BookKeeper({
    log: () => link.log,
    internalEvents: () => internalEvents,
    now: Date.now,
    limits,
  })
  const link: LogLink = new LogLink({
    openLog: () => Promise.resolve(openSimulatedLog(world, process)),
    internalEvents: () => internalEvents,
    onGivenUp: fail,
    producerId: process.name,
    ...(store === undefined ? {} : { spill: { store, afterMs: settings.spillAfterMs ?? 0 } }),
    onDrained: (records, positions) => books.countDrained(records, positions),
    onSettled: () => books.close(),
    limits: {
      ...limits,
      backlogEventsMax: 1_000,
      backlogBytesMax: 10_000_000,
      appendDeadlineMs: settings.appendDeadlineMs,
      batchRecordsMax: settings.appendRecordsMax,
      drainRecordsMax: settings.appendRecordsMax,
    },
  })
  const producer = new Producer({
    eventLog: () => link.eventLog,
    intake,
    sites: () => sites,
    rateLimiter: new RateLimiter(),
    internalEvents,
    counts: books.counts,
    now: Date.now,
    limits,
  })
  const [route] = eventRoutes
  assert(route !== undefined, 'there is a route')
  return {
    accept: (request) => producer.accept(route, request),
    stop: () => link.close(),
  }
}

function startEnricher({ world, process, fail }: ServiceContext): Service {
  const stopping = new AbortController()
  const internalEvents = new EnricherEvents({
    logger: world.logger,
    metrics: new Metrics(),
    progress: () => [],
  })
  const reading = startReading({
    config: readEnricherConfig({ ...world.settings.enricher }),
    limits: { ...enricherLimits, appendRecordsMax: world.settings.appendRecordsMax },
    openLog: () => Promise.resolve(openSimulatedLog(world, process)),
    randomBytes: (size) => world.random.bytes(size),
    fail,
    internalEvents,
    rules,
    signal: stopping.signal,
  })
  reading.catch((error: unknown) => {
    if (!stopping.signal.aborted) fail(error)
  })
  return {
    stop: async () => {
      stopping.abort()
      await (await reading.catch(() => undefined))?.close()
    },
  }
}

function startSink({ world, process, fail }: ServiceContext): Service {
  const stopping = new AbortController()
  const internalEvents = new SinkEvents({
    logger: world.logger,
    metrics: new Metrics(),
    wallClock: Date.now,
  })
  const store = openSimulatedStore(world, process)
  const history = store.history()
  const running = runConsumers(
    { log: openSimulatedLog(world, process), store, history, repeatHistory: history },
    {
      config: readSinkConfig({ ...world.settings.sink }),
      internalEvents,
      signal: stopping.signal,
      decodedMax: world.settings.decodedMax,
    },
  )
  running.catch(fail)
  return {
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

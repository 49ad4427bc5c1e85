import {
  acceptedEventsTable,
  createStore,
  deadLettersTable,
  droppedEventsTable,
  eventsTable,
  passedOverTable,
  readBooks,
  type Books,
  type Store,
} from '@millrace/clickhouse'
import { sinkGroups, topics } from '@millrace/events'
import { HeadWatch, openLog, type Assignment, type Log, type LogConsumer } from '@millrace/log'
import { retry, serveAdmin, type RunningService, type ServiceContext } from '@millrace/runtime'
import { watchBooks } from './books-watch.ts'
import { booksLimits, retryDelays, type SinkConfig } from './config.ts'
import { DeadLetterPartition } from './dead-letter-loop.ts'
import { EnrichedPartition } from './enriched-partition.ts'
import { InternalEvents } from './internal-events.ts'
import { runPartition, type PartitionLoopOptions } from './partition-loop.ts'
import { RangeInserter } from './range-inserter.ts'
import { ClickHouseRepeatHistory, type RepeatHistory } from './repeat-recovery.ts'
import { ClickHouseSessionHistory, type SessionHistory } from './session-recovery.ts'
import { TallyPartition, tallyRecordsMax } from './tally-loop.ts'

/** Whatever is wrong with a neighbour while starting may yet be put right, so every error is tried again. */
const waitDelayMsMax = 2_000

export interface SinkNeighbours {
  readonly log: Log
  readonly store: Store
  /** What the stored rows tell of sessions. */
  readonly history: SessionHistory
  /** And of the ids that clients gave. */
  readonly repeatHistory: RepeatHistory
  /** The books as they are watched; undefined: nobody does. */
  readonly readBooks?: () => Promise<Books>
}

/** What a sink reads. */
const sources = [topics.enriched, topics.deadLetter, topics.books]

interface SinkState {
  /** Undefined when it stores. */
  waitsFor: string | undefined
  heads: HeadWatch | undefined
}

/** Starts the sink; it waits in the background, not ready, until log, topics and tables are there. */
export async function startSink(config: SinkConfig, context: ServiceContext): Promise<RunningService> {
  const { logger, metrics, fail } = context
  const state: SinkState = { waitsFor: 'ClickHouse and the log', heads: undefined }
  const head = (topic: string, partition: number) => state.heads?.head(topic, partition) ?? 0
  const internalEvents = new InternalEvents({ logger, metrics, wallClock: Date.now, head })
  const { ADMIN_HOST: host, ADMIN_PORT: port } = config
  const admin =
    port === undefined ? undefined : await serveAdmin({ host, port, metrics, notReady: () => state.waitsFor })
  const stopping = new AbortController()
  const store = createStore({
    url: config.clickHouseUrl,
    database: config.CLICKHOUSE_DATABASE,
    user: config.CLICKHOUSE_USER,
    password: config.CLICKHOUSE_PASSWORD,
    requestMsMax: config.CLICKHOUSE_REQUEST_MS_MAX,
  })
  const running = storeUntilStopped({ config, store, internalEvents, signal: stopping.signal, state })
  running.catch((error: unknown) => {
    if (!stopping.signal.aborted) fail(error)
  })
  return {
    drain: async () => {
      state.waitsFor = 'the drain to end'
      stopping.abort()
      await running
      await store.close()
      await admin?.close()
      internalEvents.drained()
    },
  }
}

async function storeUntilStopped(options: {
  readonly config: SinkConfig
  readonly store: Store
  readonly internalEvents: InternalEvents
  readonly signal: AbortSignal
  readonly state: SinkState
}): Promise<void> {
  const { config, store, internalEvents, signal, state } = options
  const log = await waitFor('the log', () => openLog(config, { clientId: 'millrace-sink' }), options)
  if (log === undefined) return
  try {
    const isThere =
      (await waitFor('the topics', () => findTopics(log), options)) === true &&
      (await waitFor('the tables in ClickHouse', () => findTables(store, config), options)) === true
    if (!isThere) return
    state.waitsFor = undefined
    state.heads = new HeadWatch({ log, topics: sources })
    const { CLICKHOUSE_DATABASE: database, SESSION_INACTIVITY_GAP_S: inactivityGapS } = config
    const history = new ClickHouseSessionHistory({ store, database, inactivityGapS })
    const repeatHistory = new ClickHouseRepeatHistory({ store, database })
    const books = () => readBooks(store, booksSpan(Date.now() / 1000))
    const neighbours = { log, store, history, repeatHistory, readBooks: books }
    await runConsumers(neighbours, { config, internalEvents, signal })
  } finally {
    await state.heads?.close()
    await log.close()
  }
}

/** @returns undefined when stopped before it was there */
async function waitFor<T>(
  what: string,
  find: () => Promise<T>,
  options: {
    readonly internalEvents: InternalEvents
    readonly signal: AbortSignal
    readonly state: SinkState
  },
): Promise<T | undefined> {
  const { internalEvents, signal, state } = options
  state.waitsFor = what
  const attempt = () => find().catch((cause: unknown) => Promise.reject(new NotThereError(what, { cause })))
  try {
    return await retry(attempt, {
      ...retryDelays,
      delayMsMax: waitDelayMsMax,
      signal,
      onRetry: (error) => internalEvents.waiting(what, error instanceof Error ? error.cause : error),
    })
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

class NotThereError extends Error {
  override readonly name = 'NotThereError'
  readonly code = 'NOT_THERE_YET'
  readonly retriable = true
}

async function findTopics(log: Log): Promise<true> {
  for (const topic of sources) await log.partitionCount(topic)
  return true
}

async function findTables(store: Store, { CLICKHOUSE_DATABASE }: SinkConfig): Promise<true> {
  for (const { name } of [
    eventsTable,
    droppedEventsTable,
    passedOverTable,
    deadLettersTable,
    acceptedEventsTable,
  ]) {
    await store.query(`SELECT 1 FROM ${CLICKHOUSE_DATABASE}.${name} LIMIT 0`)
  }
  return true
}

/** The last minutes, the present one among them. @param now Unix seconds */
function booksSpan(now: number) {
  return { since: now - booksLimits.booksSpanS, until: now + 60 }
}

interface ConsumersOptions {
  readonly config: SinkConfig
  readonly internalEvents: InternalEvents
  /** The most enriched records that are decoded at once; given by simulations. */
  readonly decodedMax?: number
}

/** Runs the consumers until the signal aborts. @throws what ended one of them */
export async function runConsumers(
  { log, ...stored }: SinkNeighbours,
  options: ConsumersOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const { config, internalEvents, signal } = options
  const loops = partitionLoops(stored, options)
  const groups = sinkGroups(config.CLICKHOUSE_DATABASE)
  const consumer = (groupId: string, topic: string): LogConsumer =>
    log.consumer({ groupId, topic, sessionTimeoutMs: config.CONSUMER_SESSION_TIMEOUT_MS })
  const consumers: [LogConsumer, (assignment: Assignment) => Promise<void>][] = [
    [consumer(groups.events, topics.enriched), loops.enriched],
    [consumer(groups.deadLetters, topics.deadLetter), loops.deadLetters],
    [consumer(groups.books, topics.books), loops.books],
  ]
  const drain = () => Promise.all(consumers.map(([consumer]) => consumer.drain()))
  const running = Promise.all(consumers.map(([consumer, loop]) => consumer.run(loop)))
  internalEvents.started({ topics: sources })
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await Promise.race([running, stopped])
  await drain()
  await running
}

/** What is done with an assigned partition: of enriched records, of dead letters, and of the books. */
function partitionLoops(
  { store, history, repeatHistory, readBooks }: Omit<SinkNeighbours, 'log'>,
  { config, internalEvents, decodedMax }: ConsumersOptions,
) {
  const now = () => performance.now()
  const database = config.CLICKHOUSE_DATABASE
  const inserter = new RangeInserter({ store, internalEvents, now, retryDelays })
  const limits = {
    rowsMax: config.INSERT_ROWS_MAX,
    bytesMax: config.INSERT_BYTES_MAX,
    ageMsMax: config.INSERT_AGE_MS_MAX,
  }
  const sessions = {
    inactivityGapS: config.SESSION_INACTIVITY_GAP_S,
    latenessS: config.SESSION_LATENESS_S,
    sessionsMax: config.SESSIONS_MAX,
  }
  const repeats = {
    history: repeatHistory,
    limits: { windowS: config.REPEAT_WINDOW_S, idsMax: config.REPEATS_MAX },
  }
  const loop: PartitionLoopOptions = {
    limits,
    lostRecords: config.LOST_RECORDS,
    now,
    internalEvents,
    retryDelays,
  }
  return {
    enriched: async (assignment: Assignment): Promise<void> => {
      const common = { internalEvents, retryDelays, now, wallClock: Date.now, decodedMax }
      const work = new EnrichedPartition({ inserter, history, sessions, repeats, ...common })
      try {
        await runPartition(assignment, work, loop)
      } finally {
        work.close(assignment.partition)
      }
    },
    deadLetters: (assignment: Assignment): Promise<void> => {
      const { partition } = assignment
      return runPartition(assignment, new DeadLetterPartition({ partition, inserter, store, database }), loop)
    },
    books: async (assignment: Assignment): Promise<void> => {
      const { partition, signal } = assignment
      const isWatch = partition === 0 && readBooks !== undefined
      const watching = isWatch
        ? watchBooks(signal, { readBooks, internalEvents, limits: booksLimits })
        : undefined
      // A count that retention took is surplus in the books; the events go on.
      const rowsMax = Math.min(limits.rowsMax, tallyRecordsMax)
      const tallies = { ...loop, limits: { ...limits, rowsMax }, lostRecords: 'skip' as const }
      await runPartition(assignment, new TallyPartition({ inserter }), tallies)
      await watching
    },
  }
}

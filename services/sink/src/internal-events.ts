import { describeError, QuietLog, type Logger, type Metrics } from '@millrace/runtime'

export interface PartitionPlace {
  readonly topic: string
  readonly partition: number
}

type Trouble = PartitionPlace & { readonly error: unknown }

/** Every log line and metric of the sink, by name. */
export class InternalEvents {
  readonly #logger: Logger
  /** Milliseconds since the epoch. */
  readonly #wallClock: () => number
  readonly #metrics: ReturnType<typeof declaredMetrics>
  readonly #quiet: QuietLog
  readonly #positions = new Map<string, PartitionPlace & { readonly next: number; readonly high: number }>()
  #newestReceivedAt = 0
  /** As last read by this sink, if it is the one that reads them. */
  #books: { readonly missing: number; readonly inFlight: number } | undefined

  constructor(options: {
    readonly logger: Logger
    readonly metrics: Metrics
    readonly wallClock: () => number
    /** Next free offset of a partition, as last looked up. */
    readonly head?: (topic: string, partition: number) => number
  }) {
    const { logger, metrics, wallClock, head = () => 0 } = options
    this.#logger = logger
    this.#wallClock = wallClock
    this.#quiet = new QuietLog(wallClock)
    this.#metrics = declaredMetrics(metrics)
    metrics.gauge({
      name: 'millrace_sink_offset_lag_records',
      help: 'Records not stored yet, by partition in hand.',
      labels: ['topic', 'partition'],
      collect: (gauge) => {
        gauge.reset()
        for (const { topic, partition, next, high } of this.#positions.values()) {
          const lag = Math.max(high, head(topic, partition)) - next
          gauge.set({ topic, partition: String(partition) }, Math.max(0, lag))
        }
      },
    })
    metrics.gauge({
      name: 'millrace_sink_freshness_seconds',
      help: 'Now minus the newest received time among the stored events; grows while no events come.',
      collect: (gauge) => {
        if (this.#newestReceivedAt > 0) gauge.set((this.#wallClock() - this.#newestReceivedAt) / 1000)
      },
    })
    metrics.gauge({
      name: 'millrace_books_missing_events',
      help: 'Accepted events of the last two hours that are in no table and not on their way; told by one sink.',
      collect: (gauge) => {
        if (this.#books === undefined) gauge.remove()
        else gauge.set(this.#books.missing)
      },
    })
    metrics.gauge({
      name: 'millrace_books_in_flight_events',
      help: 'Accepted events of the last two hours that are not stored yet; told by the same sink.',
      collect: (gauge) => {
        if (this.#books === undefined) gauge.remove()
        else gauge.set(this.#books.inFlight)
      },
    })
  }

  waiting(what: string, error: unknown): void {
    this.#quiet.occasionally(`waiting ${what}`, (leftOut) => {
      this.#logger.warn({ cause: describeError(error), leftOut }, `waiting for ${what}`)
    })
  }

  started(options: { readonly topics: readonly string[] }): void {
    this.#logger.info(options, 'storing')
  }

  drained(): void {
    this.#logger.info('drained')
  }

  partitionTaken(
    place: PartitionPlace & {
      readonly next: number
      readonly intent: { readonly first: number; readonly last: number } | undefined
      readonly lost: { readonly from: number; readonly to: number } | undefined
      readonly isFromRows: boolean
    },
  ): void {
    const { topic, partition, next, intent, lost, isFromRows } = place
    if (isFromRows) {
      this.#logger.warn({ topic, partition, next }, 'no committed position; going on after the stored rows')
    }
    if (lost !== undefined) {
      this.#metrics.lostRecords.inc(lost.to - lost.from)
      this.#logger.error({ topic, partition, ...lost }, 'records lost to retention are passed over')
    }
    const range = intent === undefined ? {} : { repeats: `${intent.first}-${intent.last}` }
    this.#logger.info({ topic, partition, next, ...range }, 'partition taken')
  }

  partitionGivenUp({ topic, partition }: PartitionPlace): void {
    this.#positions.delete(`${topic} ${partition}`)
    this.#logger.info({ topic, partition }, 'partition given up')
  }

  rangeLeftToSuccessor({ topic, partition, error }: Trouble): void {
    this.#logger.warn({ topic, partition, cause: describeError(error) }, 'a range is left to the successor')
  }

  rangeStored({ topic, repeats }: PartitionPlace & { readonly repeats: number }): void {
    if (repeats > 0) this.#metrics.repeats.inc({ topic }, repeats)
  }

  /** @param place.next everything below is stored @param place.high the next free offset, as the loop saw it last */
  partitionProgressed(place: PartitionPlace & { readonly next: number; readonly high: number }): void {
    this.#positions.set(`${place.topic} ${place.partition}`, place)
  }

  inserted({
    table,
    rows,
    ms,
  }: {
    readonly table: string
    readonly rows: number
    readonly ms: number
  }): void {
    this.#metrics.insertedRows.inc({ table }, rows)
    this.#metrics.insertRows.observe({ table }, rows)
    this.#metrics.insertDuration.observe({ table }, ms / 1000)
  }

  eventsStored({ newestReceivedAt }: { readonly newestReceivedAt: number }): void {
    this.#newestReceivedAt = Math.max(this.#newestReceivedAt, newestReceivedAt)
  }

  dropsStored(drops: readonly { readonly reason: string }[]): void {
    for (const { reason } of drops) this.#metrics.drops.inc({ reason })
  }

  deadLettersStored(letters: readonly { readonly stage: string }[]): void {
    for (const { stage } of letters) this.#metrics.deadLetters.inc({ stage })
  }

  rowRefused({ topic, partition, offset, error }: Trouble & { readonly offset: number }): void {
    this.#logger.error(
      { topic, partition, offset, cause: describeError(error) },
      'a refused row becomes a dead letter',
    )
  }

  storeRetried({ topic, partition, error }: Trouble): void {
    this.#metrics.insertRetries.inc()
    this.#quiet.occasionally(`store ${topic} ${partition}`, (leftOut) => {
      const cause = describeError(error)
      this.#logger.warn({ topic, partition, cause, leftOut }, 'ClickHouse failed; trying again')
    })
  }

  commitRetried({ topic, partition, error }: Trouble): void {
    this.#quiet.occasionally(`commit ${topic} ${partition}`, (leftOut) => {
      const cause = describeError(error)
      this.#logger.warn({ topic, partition, cause, leftOut }, 'a commit failed; trying again')
    })
  }

  booksRead(books: {
    readonly missing: number
    readonly inFlight: number
    readonly losses: readonly unknown[]
  }): void {
    const { missing, inFlight, losses } = books
    this.#books = { missing, inFlight }
    if (missing === 0) return
    this.#quiet.occasionally('books missing', (leftOut) => {
      this.#logger.error({ missing, oldest: losses[0], leftOut }, 'accepted events are in no table')
    })
  }

  booksUnread(error: unknown): void {
    this.#quiet.occasionally('books unread', (leftOut) => {
      this.#logger.warn({ cause: describeError(error), leftOut }, 'the books could not be read')
    })
  }

  booksGivenUp(): void {
    this.#books = undefined
  }

  sessionsRebuilt({ partition, sessions, ms }: { partition: number; sessions: number; ms: number }): void {
    this.#metrics.recovery.observe(ms / 1000)
    this.#logger.info({ partition, sessions, ms: Math.round(ms) }, 'sessions rebuilt')
  }

  eventsRecalled(count: number): void {
    this.#metrics.recalled.inc(count)
  }

  clientIdsRebuilt({ partition, ids, ms }: { partition: number; ids: number; ms: number }): void {
    this.#logger.info({ partition, ids, ms: Math.round(ms) }, 'client event ids rebuilt')
  }

  clientIdsRecalled(count: number): void {
    this.#metrics.recalledIds.inc(count)
  }

  clientIdsRemembered({ partition, ids }: { partition: number; ids: number | undefined }): void {
    if (ids === undefined) this.#metrics.clientIds.remove({ partition: String(partition) })
    else this.#metrics.clientIds.set({ partition: String(partition) }, ids)
  }

  sessionsRemembered({ partition, sessions }: { partition: number; sessions: number | undefined }): void {
    if (sessions === undefined) this.#metrics.sessions.remove({ partition: String(partition) })
    else this.#metrics.sessions.set({ partition: String(partition) }, sessions)
  }
}

function declaredMetrics(metrics: Metrics) {
  return {
    insertedRows: metrics.counter({
      name: 'millrace_sink_inserted_rows_total',
      help: 'Rows of successful inserts, by table. A range that was repeated after a restart counts again.',
      labels: ['table'],
    }),
    insertDuration: metrics.histogram({
      name: 'millrace_sink_insert_duration_seconds',
      help: 'Time of successful inserts, by table.',
      labels: ['table'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    }),
    insertRows: metrics.histogram({
      name: 'millrace_sink_insert_batch_rows',
      help: 'Rows per insert, by table.',
      labels: ['table'],
      buckets: [1, 10, 100, 1_000, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000],
    }),
    insertRetries: metrics.counter({
      name: 'millrace_sink_store_retries_total',
      help: 'Inserts and queries that failed and were tried again.',
    }),
    repeats: metrics.counter({
      name: 'millrace_sink_repeats_total',
      help: 'Records passed over because their raw record is stored already, by topic.',
      labels: ['topic'],
    }),
    drops: metrics.counter({
      name: 'millrace_sink_drops_total',
      help: 'Rows of dropped_events, by reason.',
      labels: ['reason'],
    }),
    deadLetters: metrics.counter({
      name: 'millrace_sink_dead_letters_total',
      help: 'Rows of dead_letters, by the stage that could not handle the record.',
      labels: ['stage'],
    }),
    lostRecords: metrics.counter({
      name: 'millrace_sink_lost_records_total',
      help: 'Records that retention deleted before they were stored, passed over by decision of the operator.',
    }),
    sessions: metrics.gauge({
      name: 'millrace_sink_remembered_sessions',
      help: 'Sessions in memory, by partition in hand.',
      labels: ['partition'],
    }),
    recalled: metrics.counter({
      name: 'millrace_sink_recalled_events_total',
      help: 'Events older than the sessions in memory, whose visitors were looked up in ClickHouse.',
    }),
    clientIds: metrics.gauge({
      name: 'millrace_sink_remembered_client_ids',
      help: 'Client event ids in memory, by partition in hand.',
      labels: ['partition'],
    }),
    recalledIds: metrics.counter({
      name: 'millrace_sink_recalled_client_ids_total',
      help: 'Events whose client event id was looked up in ClickHouse: what may be a repeat, or comes late.',
    }),
    recovery: metrics.histogram({
      name: 'millrace_sink_session_recovery_duration_seconds',
      help: 'Time to rebuild the sessions of a partition from ClickHouse.',
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
    }),
  }
}

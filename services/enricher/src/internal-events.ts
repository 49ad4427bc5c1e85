import { describeError, QuietLog, type Logger, type Metrics } from '@millrace/runtime'

/** Counts of one appended batch, by outcome. */
export interface BatchCounts {
  readonly events: number
  readonly drops: ReadonlyMap<string, number>
  readonly deadLetters: number
  readonly repeats: number
}

export interface PartitionProgress {
  readonly partition: number
  /** Next offset to commit. */
  readonly position: number
  readonly highWatermark: number
}

/** Every log line and metric of the enricher, by name. */
export class InternalEvents {
  readonly #logger: Logger
  readonly #enriched
  readonly #dropped
  readonly #deadLetters
  readonly #repeats
  readonly #records
  readonly #batchSeconds
  readonly #appendSeconds
  readonly #freshness
  readonly #dataReloads
  readonly #busiestAddress
  readonly #privateAddresses
  #proxyHidesVisitors = false
  readonly #quiet = new QuietLog()

  constructor(options: {
    readonly logger: Logger
    readonly metrics: Metrics
    readonly progress: () => Iterable<PartitionProgress>
  }) {
    const { logger, metrics, progress } = options
    this.#logger = logger
    this.#records = metrics.counter({
      name: 'millrace_enricher_records_total',
      help: 'Raw records read and settled: enriched, dropped, dead letters and repeats together.',
    })
    this.#enriched = metrics.counter({
      name: 'millrace_enricher_enriched_total',
      help: 'Enriched events written.',
    })
    this.#dropped = metrics.counter({
      name: 'millrace_enricher_dropped_total',
      help: 'Drops written, by reason.',
      labels: ['reason'],
    })
    this.#deadLetters = metrics.counter({
      name: 'millrace_enricher_dead_letters_total',
      help: 'Raw records that could not be handled.',
    })
    this.#repeats = metrics.counter({
      name: 'millrace_enricher_repeats_total',
      help: 'Raw records a producer had written before; nothing is written for them.',
    })
    this.#batchSeconds = metrics.histogram({
      name: 'millrace_enricher_batch_duration_seconds',
      help: 'From fetched to committed, per batch of a partition.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    })
    this.#appendSeconds = metrics.histogram({
      name: 'millrace_enricher_append_duration_seconds',
      help: 'One produce batch, from send to acknowledgement.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    })
    this.#freshness = metrics.gauge({
      name: 'millrace_enricher_freshness_seconds',
      help: 'Age of the newest event of the last committed batch.',
    })
    this.#dataReloads = metrics.counter({
      name: 'millrace_enricher_data_reloads_total',
      help: 'Changed geo databases and address lists that were taken over, or refused for their content.',
      labels: ['outcome'],
    })
    this.#busiestAddress = metrics.gauge({
      name: 'millrace_enricher_busiest_address_ratio',
      help: 'Share of the last 2,000 events that came from one client address, 0 to 1.',
    })
    this.#privateAddresses = metrics.gauge({
      name: 'millrace_enricher_private_address_ratio',
      help: 'Share of the last 2,000 events whose client address is private, reserved or unknown, 0 to 1.',
    })
    metrics.gauge({
      name: 'millrace_enricher_offset_lag_records',
      help: 'Raw records not yet committed, per assigned partition.',
      labels: ['partition'],
      collect: (gauge) => {
        gauge.reset()
        for (const { partition, position, highWatermark } of progress()) {
          gauge.set({ partition }, Math.max(0, highWatermark - position))
        }
      },
    })
  }

  waitsFor(error: unknown): void {
    this.#quiet.occasionally('waits', (leftOut) => {
      this.#logger.warn({ leftOut }, `not ready yet: ${describeError(error)}`)
    })
  }

  started(options: { readonly partitions: number; readonly sites: string }): void {
    this.#logger.info(options, 'enriching')
  }

  partitionTaken(options: {
    readonly partition: number
    readonly position: number
    readonly producers: number
  }): void {
    this.#logger.info(options, 'partition taken')
  }

  partitionGivenUp(options: { readonly partition: number; readonly position: number }): void {
    this.#logger.info(options, 'partition given up')
  }

  batchCommitted(counts: BatchCounts, options: { readonly ms: number; readonly ageMs: number }): void {
    const drops = [...counts.drops.values()].reduce((sum, count) => sum + count, 0)
    this.#records.inc(counts.events + drops + counts.deadLetters + counts.repeats)
    this.#enriched.inc(counts.events)
    for (const [reason, count] of counts.drops) this.#dropped.inc({ reason }, count)
    this.#deadLetters.inc(counts.deadLetters)
    this.#repeats.inc(counts.repeats)
    this.#batchSeconds.observe(options.ms / 1000)
    this.#freshness.set(options.ageMs / 1000)
  }

  appended(batch: { readonly ms: number }): void {
    this.#appendSeconds.observe(batch.ms / 1000)
  }

  appendRetried(error: unknown): void {
    this.#quiet.occasionally('append', (leftOut) => {
      this.#logger.warn({ leftOut }, `the log does not take records, trying again: ${describeError(error)}`)
    })
  }

  recordFailed(options: {
    readonly partition: number
    readonly offset: number
    readonly cause: string
  }): void {
    this.#quiet.occasionally('record', (leftOut) => {
      this.#logger.error({ ...options, leftOut }, 'a raw record became a dead letter')
    })
  }

  saltRecordIgnored(error: unknown): void {
    this.#logger.warn(`a record of the salts topic is passed over: ${describeError(error)}`)
  }

  saltsNotMaintained(error: unknown): void {
    this.#logger.warn(`the salts could not be looked after, trying again: ${describeError(error)}`)
  }

  sitesReloaded(): void {
    this.#logger.info('the sites file was read again')
  }

  sitesRefused(error: unknown): void {
    this.#logger.error(`the new sites file is refused, the old one kept: ${describeError(error)}`)
  }

  dataReloaded(version: string): void {
    this.#dataReloads.inc({ outcome: 'taken' })
    this.#logger.info({ version }, 'place and network data were read again')
  }

  dataRefused(error: unknown): void {
    this.#dataReloads.inc({ outcome: 'refused' })
    this.#logger.error(`new place or network data is refused, the old kept: ${describeError(error)}`)
  }

  /** One line when it begins, not for each window; without the address, which is nobody's to log. */
  addressesSeen(
    shares: { readonly busiest: number; readonly nonPublic: number },
    limits: { readonly busiestAddressShareMax: number; readonly privateAddressShareMax: number },
  ): void {
    this.#busiestAddress.set(shares.busiest)
    this.#privateAddresses.set(shares.nonPublic)
    const hides =
      shares.busiest > limits.busiestAddressShareMax || shares.nonPublic > limits.privateAddressShareMax
    if (hides && !this.#proxyHidesVisitors) {
      this.#logger.warn(
        shares,
        'much traffic shares one client address or has a private one: is the proxy in TRUSTED_PROXIES, and does it send X-Forwarded-For?',
      )
    }
    this.#proxyHidesVisitors = hides
  }

  drained(): void {
    this.#logger.info('drained')
  }
}

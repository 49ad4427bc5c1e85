import type { DropReason, Protocol } from '@millrace/events'
import { describeError, QuietLog, type Logger, type Metrics } from '@millrace/runtime'

/** Every log line and metric of the producer, by name. Addresses and user agents are in none of them. */
export class InternalEvents {
  readonly #logger: Logger
  readonly #requests
  readonly #requestSeconds
  readonly #accepted
  readonly #dropped
  readonly #unavailable
  readonly #appended
  readonly #appendSeconds
  readonly #spilled
  readonly #spillDrained
  readonly #uncounted
  readonly #sites
  readonly #answered = new Map<string, { inc(): void }>()
  readonly #acceptedBy = new Map<Protocol, { inc(count: number): void }>()
  readonly #quiet = new QuietLog()

  constructor(options: {
    readonly logger: Logger
    readonly metrics: Metrics
    readonly backlogFill: () => number
    /** What waits on the disk; undefined where nothing is spilled. */
    readonly spilled?: () => { readonly fill: number; readonly length: number } | undefined
  }) {
    const { logger, metrics, backlogFill, spilled } = options
    this.#logger = logger
    this.#requests = metrics.counter({
      name: 'millrace_http_requests_total',
      help: 'HTTP requests answered, by route and status.',
      labels: ['route', 'status'],
    })
    this.#requestSeconds = metrics.histogram({
      name: 'millrace_http_request_duration_seconds',
      help: 'From the headers of an event request to the end of its answer.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    })
    this.#accepted = metrics.counter({
      name: 'millrace_events_accepted_total',
      help: 'Events answered as accepted, drops not among them.',
      labels: ['protocol'],
    })
    this.#dropped = metrics.counter({
      name: 'millrace_events_dropped_total',
      help: 'Events refused by a rule of the producer, by reason.',
      labels: ['protocol', 'reason'],
    })
    this.#unavailable = metrics.counter({
      name: 'millrace_events_unavailable_total',
      help: 'Events answered with 503, by cause.',
      labels: ['cause'],
    })
    this.#appended = metrics.counter({
      name: 'millrace_events_appended_total',
      help: 'Raw records that the log has acknowledged.',
    })
    this.#appendSeconds = metrics.histogram({
      name: 'millrace_append_batch_duration_seconds',
      help: 'One produce batch, from send to acknowledgement.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    })
    metrics.gauge({
      name: 'millrace_backlog_fill_ratio',
      help: 'Share of the backlog in use, 0 to 1.',
      collect: (gauge) => gauge.set(backlogFill()),
    })
    this.#spilled = metrics.counter({
      name: 'millrace_events_spilled_total',
      help: 'Records written to the disk because the log did not take them.',
    })
    this.#spillDrained = metrics.counter({
      name: 'millrace_spill_drained_total',
      help: 'Spilled records that the log has taken since; one that it takes twice counts twice.',
    })
    this.#uncounted = metrics.counter({
      name: 'millrace_events_uncounted_total',
      help: 'Accepted events that the books had no room for; their rows are surplus there.',
    })
    this.#sites = sitesMetrics(metrics)
    watchSpill(metrics, spilled)
  }

  listening(options: { readonly host: string; readonly port: number }): void {
    this.#logger.info(options, 'taking events')
  }

  startedWith(options: { readonly log: string; readonly sites: string; readonly producerId: string }): void {
    this.#logger.info(options, 'started')
  }

  portTaken(options: { readonly host: string; readonly port: number; readonly waitMsMax: number }): void {
    this.#logger.warn(options, 'the port is taken; waiting for it')
  }

  waitsForLog(error: unknown): void {
    this.#quiet.occasionally('waits', (leftOut) => {
      this.#logger.warn({ leftOut }, `not ready yet: ${describeError(error)}`)
    })
  }

  /** @param route the route's pattern, never the path that was asked for */
  answered(route: string, status: number): void {
    const name = `${route} ${String(status)}`
    let counter = this.#answered.get(name)
    if (counter === undefined) {
      counter = this.#requests.labels(route, String(status))
      this.#answered.set(name, counter)
    }
    counter.inc()
  }

  eventsAnswered(ms: number): void {
    this.#requestSeconds.observe(ms / 1000)
  }

  eventsAccepted(protocol: Protocol, count: number): void {
    if (count === 0) return
    let counter = this.#acceptedBy.get(protocol)
    if (counter === undefined) this.#acceptedBy.set(protocol, (counter = this.#accepted.labels(protocol)))
    counter.inc(count)
  }

  eventDropped(protocol: Protocol, reason: DropReason): void {
    this.#dropped.inc({ protocol, reason })
  }

  eventsUnavailable(count: number, error: { readonly code: string; readonly message: string }): void {
    this.#unavailable.inc({ cause: error.code }, count)
    this.#quiet.occasionally(`unavailable ${error.code}`, (leftOut) => {
      this.#logger.error({ leftOut }, `events answered with 503: ${describeError(error)}`)
    })
  }

  appended(batch: { readonly records: number; readonly ms: number }): void {
    this.#appended.inc(batch.records)
    this.#appendSeconds.observe(batch.ms / 1000)
  }

  appendRetried(error: unknown): void {
    this.#quiet.occasionally('append', (leftOut) => {
      this.#logger.warn({ leftOut }, `the log does not take records, trying again: ${describeError(error)}`)
    })
  }

  spillBegan(why: unknown): void {
    this.#quiet.occasionally('spill began', (leftOut) => {
      this.#logger.warn({ leftOut }, `events go to the disk for now: ${describeError(why)}`)
    })
  }

  spilled(records: number): void {
    this.#spilled.inc(records)
  }

  spillDrained(records: number): void {
    this.#spillDrained.inc(records)
  }

  spillEnded(): void {
    this.#quiet.occasionally('spill ended', (leftOut) => {
      this.#logger.info({ leftOut }, 'the log has all that was spilled, and gets new events again')
    })
  }

  drainFailed(error: unknown): void {
    this.#quiet.occasionally('drain', (leftOut) => {
      this.#logger.warn({ leftOut }, `what was spilled waits, trying again: ${describeError(error)}`)
    })
  }

  spillTrouble(error: unknown): void {
    this.#quiet.occasionally('spill', (leftOut) => {
      this.#logger.error({ leftOut }, `trouble with the spill directory: ${describeError(error)}`)
    })
  }

  /** At the end: they are drained by the next producer of this data directory. */
  leftOnDisk(records: number): void {
    if (records > 0) this.#logger.warn({ records }, 'events stay on the disk for the next start')
  }

  eventsUncounted(count: number): void {
    this.#uncounted.inc(count)
  }

  booksDelayed(error: unknown): void {
    this.#quiet.occasionally('books', (leftOut) => {
      this.#logger.warn({ leftOut }, `the counts for the books wait, trying again: ${describeError(error)}`)
    })
  }

  requestFailed(error: unknown): void {
    this.#quiet.occasionally('request', (leftOut) => {
      this.#logger.error({ err: error, leftOut }, `a request failed: ${describeError(error)}`)
    })
  }

  sitesReloaded(): void {
    this.#sites.reloads.inc({ result: 'taken' })
    this.#sites.refused.set(0)
    this.#logger.info('the sites file was read again')
  }

  sitesRefused(error: unknown): void {
    this.#sites.reloads.inc({ result: 'refused' })
    this.#sites.refused.set(1)
    this.#logger.error(`the new sites file is refused, the old one kept: ${describeError(error)}`)
  }

  drained(): void {
    this.#logger.info('drained')
  }
}

function sitesMetrics(metrics: Metrics) {
  return {
    reloads: metrics.counter({
      name: 'millrace_sites_reloads_total',
      help: 'New versions of the sites file, by result: taken or refused.',
      labels: ['result'],
    }),
    refused: metrics.gauge({
      name: 'millrace_sites_refused',
      help: '1 while the newest version of the sites file is refused and the one before it holds.',
    }),
  }
}

function watchSpill(
  metrics: Metrics,
  spilled: (() => { readonly fill: number; readonly length: number } | undefined) | undefined,
): void {
  metrics.gauge({
    name: 'millrace_spill_records',
    help: 'Records on the disk that wait for the log.',
    collect: (gauge) => gauge.set(spilled?.()?.length ?? 0),
  })
  metrics.gauge({
    name: 'millrace_spill_fill_ratio',
    help: 'Share of SPILL_BYTES_MAX in use, 0 to 1.',
    collect: (gauge) => gauge.set(spilled?.()?.fill ?? 0),
  })
}

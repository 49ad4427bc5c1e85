import { auditDelivery, createStore, migrate } from '@millrace/clickhouse'
import { topics } from '@millrace/events'
import { delay } from '@millrace/runtime'
import { appendAll, partitionCount, type BenchLog } from '../../core/bench-log.ts'
import type { BenchContext } from '../../core/bench-part.ts'
import { GeneratedRecords } from '../../core/generated-records.ts'
import { startService } from '../../core/measured-service.ts'
import { processUsage } from '../../core/process-usage.ts'
import { shown } from '../../core/report.ts'
import { BenchEngine } from '../consumers/bench-engine.ts'

const events = { full: 10_000_000, quick: 5_000 }
const sites = 1_000
const largestSiteShare = 0.5
const visitors = { full: 1_000_000, quick: 1_000 }
/** All visitors are active within a session's inactivity gap: ten million events in a quarter of an hour. */
const receiptStepMs = 0.1
const stretches = 5
const pollMs = 100
const stallMsMax = 120_000
const database = 'bench_back_fill'

/**
 * Ten million raw records of 1,000 sites, one of which has half, and a million visitors who are all active: read by one
 * enricher and one sink from the first record on. Cost and memory by fifths of the way, and each event there once.
 */
export async function backFill(
  bench: BenchLog,
  records: GeneratedRecords,
  context: BenchContext,
): Promise<void> {
  const total = context.isQuick ? events.quick : events.full
  const active = context.isQuick ? visitors.quick : visitors.full
  context.say(`back-fill, ${bench.kind}: appending ${total} raw records of ${active} active visitors`)
  const traffic = { events: total, sites, activeVisitors: active, largestSiteShare, receiptStepMs }
  await appendAll(bench.log, records.raw(traffic))
  const engine = await BenchEngine.start(context)
  await migrate({ ...engine.access(database), requestMsMax: 60_000 })
  const environment = { ...bench.environment, ...engine.environment(database) }
  const [sink, enricher] = await Promise.all([
    startService('sink', environment),
    startService('enricher', environment),
  ])
  const pids = { enricher: enricher.service.pid, sink: sink.service.pid, engine: engine.pid }
  const places = await placesIn(bench)
  const marks = await watch(engine, { pids, places, context })
  await Promise.all([sink.service.stop(), enricher.service.stop()])
  await assertOnce(engine, places)
  context.table({
    title: `Back-fill of ${shown(total)} events, ${bench.kind} log`,
    method:
      `${sites} sites, one with ${largestSiteShare * 100} % of the events, ${shown(active)} visitors active at once, ` +
      `${partitionCount} partitions, one enricher, one sink; every event stored, dropped or a dead letter, each place once; ` +
      'memory without pages of mapped files',
    columns: [
      'stretch',
      'events/s',
      'enricher us',
      'sink us',
      'engine us',
      'enricher MiB',
      'sink MiB',
      'engine MiB',
    ],
    rows: rowsOf(marks, places),
  })
}

interface Mark {
  readonly at: number
  readonly done: number
  readonly usage: Readonly<Record<'enricher' | 'sink' | 'engine', ReturnType<typeof processUsage>>>
}

async function placesIn({ log }: BenchLog): Promise<number> {
  return (await log.watermarks(topics.raw)).reduce((sum, { low, high }) => sum + high - low, 0)
}

/** @returns the start, and the end of each fifth */
async function watch(
  engine: BenchEngine,
  {
    pids,
    places,
    context,
  }: {
    readonly pids: Readonly<Record<'enricher' | 'sink' | 'engine', number>>
    readonly places: number
    readonly context: BenchContext
  },
): Promise<Mark[]> {
  const marks: Mark[] = []
  let [last, movedAt, next] = [-1, performance.now(), 0]
  for (;;) {
    context.signal.throwIfAborted()
    const done = await doneIn(engine)
    const usage = {
      enricher: processUsage(pids.enricher),
      sink: processUsage(pids.sink),
      engine: processUsage(pids.engine),
    }
    const mark = { at: performance.now(), done, usage }
    if (done !== last) [last, movedAt] = [done, mark.at]
    if (done >= next) {
      marks.push(mark)
      next = Math.min(places, (places * (Math.floor((done / places) * stretches) + 1)) / stretches)
      context.say(`back-fill: ${done} of ${places} are stored`)
    }
    if (done >= places) return marks
    if (mark.at - movedAt > stallMsMax) throw new Error(`${done} of ${places} are stored, and no more come`)
    await delay(pollMs)
  }
}

async function doneIn(engine: BenchEngine): Promise<number> {
  const tables = ['events', 'dropped_events', 'dead_letters']
  const counts = await Promise.all(tables.map((table) => engine.count(`${database}.${table}`)))
  return counts.reduce((sum, count) => sum + count, 0)
}

function rowsOf([first, ...rest]: readonly Mark[], places: number): (string | number)[][] {
  let from = first
  return rest.map((to) => {
    const row = rowOf(from ?? to, to, places)
    from = to
    return row
  })
}

function rowOf(from: Mark, to: Mark, places: number): (string | number)[] {
  const done = to.done - from.done
  const names = ['enricher', 'sink', 'engine'] as const
  const micros = names.map((name) => ((to.usage[name].cpuSeconds - from.usage[name].cpuSeconds) * 1e6) / done)
  const memory = names.map((name) => to.usage[name].privateMib)
  return [
    `${shown(Math.round((from.done / places) * 100))} to ${shown(Math.round((to.done / places) * 100))} %`,
    done / ((to.at - from.at) / 1000),
    ...micros,
    ...memory,
  ]
}

/** @throws Error when an event is missing or there twice */
async function assertOnce(engine: BenchEngine, places: number): Promise<void> {
  const store = createStore({ ...engine.access(database), requestMsMax: 120_000 })
  try {
    const wrong = (await auditDelivery(store)).filter(
      ({ gaps, duplicates, rawDuplicates }) => gaps + duplicates + rawDuplicates > 0,
    )
    if (wrong.length > 0) throw new Error(`the audit finds ${JSON.stringify(wrong)}`)
    const done = await doneIn(engine)
    if (done !== places) throw new Error(`${done} rows of ${places} raw records`)
  } finally {
    await store.close()
  }
}

import { migrate } from '@millrace/clickhouse'
import { consumerGroups, topics } from '@millrace/events'
import { appendAll, partitionCount, rewind, startBenchLog, type BenchLog } from '../../core/bench-log.ts'
import type { BenchContext } from '../../core/bench-part.ts'
import type { Contender } from '../../core/comparison.ts'
import { GeneratedRecords } from '../../core/generated-records.ts'
import { startService } from '../../core/measured-service.ts'
import type { Sample } from '../../core/sample.ts'
import { metricSum } from '../../core/service-metrics.ts'
import { measureSpan } from '../../core/span.ts'
import { BenchEngine } from '../consumers/bench-engine.ts'

const events = { full: 600_000, quick: 3_000 }
const warmUpShare = 0.3
/** Of one consumer's throughput, times their number. */
const shareMin = 0.8

/** One, two and four enrichers, and as many sinks, on the same backlog of four partitions. */
export async function compareConsumerCounts(
  bench: BenchLog,
  records: GeneratedRecords,
  context: BenchContext,
): Promise<void> {
  const total = context.isQuick ? events.quick : events.full
  context.say(`scale, ${bench.kind}: appending raw and enriched records of ${total} events`)
  await appendAll(bench.log, records.raw({ events: total }))
  await compareEnrichers(bench, total, context)
  // The enrichers of all rounds have written to the enriched topic: sinks read one of their own.
  const own = await startBenchLog(bench.kind, { ...context, directory: `${context.directory}/sinks` })
  await appendAll(own.log, records.enriched({ events: total }))
  await compareSinks(own, context)
}

async function compareEnrichers(bench: BenchLog, total: number, context: BenchContext): Promise<void> {
  const contender = (count: number): Contender => ({
    name: nameOf('enricher', count),
    measure: async () => {
      await rewind(bench.log, consumerGroups.enricher, topics.raw)
      return spanOf('enricher', count, {
        environment: bench.environment,
        metric: 'millrace_enricher_records_total',
        total,
      })
    },
  })
  await compareCounts('enricher', { bench, context, contender, conditions: { 'raw records': total } })
}

async function compareSinks(bench: BenchLog, context: BenchContext): Promise<void> {
  const engine = await BenchEngine.start(context)
  const marks = await bench.log.watermarks(topics.enriched)
  const total = marks.reduce((sum, { low, high }) => sum + high - low, 0)
  let databases = 0
  const contender = (count: number): Contender => ({
    name: nameOf('sink', count),
    measure: async () => {
      const database = `bench_scale_${databases++}`
      await migrate({ ...engine.access(database), requestMsMax: 60_000 })
      const environment = { ...bench.environment, ...engine.environment(database) }
      const metric = 'millrace_sink_inserted_rows_total'
      const sample = await spanOf('sink', count, { environment, metric, total, enginePid: engine.pid })
      await engine.drop(database)
      return sample
    },
  })
  await compareCounts('sink', { bench, context, contender, conditions: { rows: total } })
}

async function compareCounts(
  name: 'enricher' | 'sink',
  options: {
    readonly bench: BenchLog
    readonly context: BenchContext
    readonly contender: (count: number) => Contender
    readonly conditions: Readonly<Record<string, number>>
  },
): Promise<void> {
  const { bench, context, contender, conditions } = options
  const counts = context.isQuick ? [2] : [2, 4]
  await context.compare({
    part: `scale of the ${name}`,
    log: bench.kind,
    contenders: [contender(1), ...counts.map(contender)],
    aims: counts.flatMap((count) => [
      {
        subject: nameOf(name, count),
        yardstick: nameOf(name, 1),
        measure: 'events per second' as const,
        ratioMin: shareMin * count,
      },
      {
        subject: nameOf(name, count),
        yardstick: nameOf(name, 1),
        measure: 'events per CPU second' as const,
        ratioMin: shareMin,
      },
    ]),
    conditions: {
      ...conditions,
      partitions: partitionCount,
      measured: `from ${warmUpShare * 100} % to the end of the backlog`,
    },
  })
}

function nameOf(name: string, count: number): string {
  return count === 1 ? `1 ${name}` : `${count} ${name}s`
}

async function spanOf(
  name: 'enricher' | 'sink',
  count: number,
  options: {
    readonly environment: Readonly<Record<string, string>>
    readonly metric: string
    readonly total: number
    readonly enginePid?: number
  },
): Promise<Sample> {
  const { environment, metric, total, enginePid } = options
  const started = await Promise.all(Array.from({ length: count }, () => startService(name, environment)))
  try {
    return await measureSpan({
      total,
      warmUp: total * warmUpShare,
      done: async () => {
        const counts = await Promise.all(started.map(({ adminUrl }) => metricSum(adminUrl, metric)))
        return counts.reduce((sum, done) => sum + done, 0)
      },
      pids: started.map(({ service }) => service.pid),
      ...(enginePid === undefined ? {} : { enginePid }),
    })
  } finally {
    await Promise.all(started.map(({ service }) => service.stop()))
  }
}

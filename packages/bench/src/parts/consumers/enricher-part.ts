import { consumerGroups, topics } from '@millrace/events'
import { appendAll, partitionCount, rewind, startBenchLog, type BenchLog } from '../../core/bench-log.ts'
import type { BenchContext, BenchPart } from '../../core/bench-part.ts'
import type { Aim, Contender } from '../../core/comparison.ts'
import { GeneratedRecords } from '../../core/generated-records.ts'
import { startService } from '../../core/measured-service.ts'
import type { Sample } from '../../core/sample.ts'
import { metricSum } from '../../core/service-metrics.ts'
import { measureSpan } from '../../core/span.ts'
import { YardstickProcess } from '../../core/yardstick-process.ts'

const events = { full: 400_000, quick: 3_000 }
const warmUpShare = 0.25
const rewrittenTopic = 'bench.rewritten'
const yardstickGroup = 'bench.reserialise'

/** An enricher against a process that parses and writes the same records again, and knows nothing of them. */
export const enricherPart: BenchPart = {
  names: ['enricher'],
  async run(context) {
    const records = await GeneratedRecords.open()
    for (const kind of context.logs) {
      const bench = await startBenchLog(kind, context)
      await measure(bench, records, context)
    }
  },
}

async function measure(bench: BenchLog, records: GeneratedRecords, context: BenchContext): Promise<void> {
  const total = context.isQuick ? events.quick : events.full
  context.say(`enricher, ${bench.kind}: appending ${total} raw records`)
  const bytes = await appendAll(bench.log, records.raw({ events: total }))
  await bench.log.createTopics([
    { topic: rewrittenTopic, partitions: partitionCount, retentionMs: 86_400_000, replicationFactor: 1 },
  ])
  const backlog = { total, bytes, bench }
  const measured = 'events per CPU second'
  const aims: Aim[] = [{ yardstick: 'parse and re-serialise', measure: measured, ratioMin: 0.4 }]
  const contenders: [Contender, ...Contender[]] = [ours(backlog), yardstick(backlog)]
  if (bench.brokers !== undefined) {
    contenders.push(withKafkajs(backlog, bench.brokers))
    aims.push({ yardstick: 'the same with kafkajs', measure: measured })
  }
  await context.compare({
    part: 'enricher',
    log: bench.kind,
    contenders,
    aims: aims.flatMap((aim) => [aim, { ...aim, measure: 'events per second' }]),
    conditions: {
      'raw records': total,
      'bytes each': bytes / total,
      partitions: partitionCount,
      'records an append, at most': 1_000,
      acks: bench.kind === 'kafka' ? 'all, one broker' : 'fsync',
      measured: `from ${warmUpShare * 100} % to the end of the backlog`,
    },
  })
}

interface Backlog {
  readonly total: number
  readonly bytes: number
  readonly bench: BenchLog
}

function ours({ total, bytes, bench }: Backlog): Contender {
  return {
    name: 'enricher',
    measure: async () => {
      await rewind(bench.log, consumerGroups.enricher, topics.raw)
      const { service, adminUrl } = await startService('enricher', bench.environment)
      try {
        const done = () => metricSum(adminUrl, 'millrace_enricher_records_total')
        const sample = await measureSpan({ total, warmUp: total * warmUpShare, done, pids: [service.pid] })
        return withBytes(sample, bytes / total)
      } finally {
        await service.stop()
      }
    },
  }
}

function yardstick({ total, bytes, bench }: Backlog): Contender {
  return {
    name: 'parse and re-serialise',
    measure: async () => {
      await rewind(bench.log, yardstickGroup, topics.raw)
      const log = {
        ...bench.environment,
        EMBEDDED_LOG_BYTES_MAX: Number(bench.environment.EMBEDDED_LOG_BYTES_MAX),
      }
      const options = { log, groupId: yardstickGroup, from: topics.raw, to: rewrittenTopic }
      return span(new YardstickProcess('reserialise', options), { total, bytes })
    },
  }
}

function withKafkajs({ total, bytes }: Backlog, brokers: string): Contender {
  let round = 0
  return {
    name: 'the same with kafkajs',
    measure: () => {
      const groupId = `bench.kafkajs.${round++}`
      const options = { brokers, groupId, from: topics.raw, to: rewrittenTopic }
      return span(new YardstickProcess('reserialise-kafkajs', options), { total, bytes })
    },
  }
}

async function span(
  process: YardstickProcess,
  { total, bytes }: { readonly total: number; readonly bytes: number },
): Promise<Sample> {
  try {
    const done = () => process.done()
    const sample = await measureSpan({ total, warmUp: total * warmUpShare, done, pids: [process.pid] })
    return withBytes(sample, bytes / total)
  } finally {
    await process.stop()
  }
}

function withBytes(sample: Sample, bytesEach: number): Sample {
  return { ...sample, bytes: sample.events * bytesEach }
}

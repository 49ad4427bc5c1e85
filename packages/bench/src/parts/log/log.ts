import { join } from 'node:path'
import { openEmbeddedLog, openKafkaLog, type Log } from '@millrace/log'
import { startKafka } from '@millrace/log/testing'
import type { BenchContext, BenchPart } from '../../core/bench-part.ts'
import type { Contender } from '../../core/comparison.ts'
import { sharedRecords } from '../storage/shared-records.ts'
import { KafkaJsClient } from './kafkajs-client.ts'
import { appendAll, freshTopic, readAll } from './log-work.ts'
import { ownWork } from './own-work.ts'
import { PlainFile } from './plain-file.ts'
import { recordBatches, type RecordBatches } from './record-batches.ts'

/** Values that differ; more records repeat them, beyond what a compressor sees at once. */
const distinctValues = 5_000
const readPieceBytes = 65_536

interface LogSizes {
  readonly records: number
  /** For the smaller batches, where each costs a sync of the disk. */
  readonly fewerRecords: number
  readonly batchRecords: readonly [number, number]
}

/** The embedded log against what the disk gives, and our Kafka client against kafkajs. */
export const log: BenchPart = {
  names: ['log'],
  run: async (context) => {
    const sizes: LogSizes = context.isQuick
      ? { records: 400, fewerRecords: 40, batchRecords: [100, 10] }
      : { records: 200_000, fewerRecords: 20_000, batchRecords: [1_000, 50] }
    const source = await context.shared(sharedRecords)
    const values = [...source.raw({ events: context.isQuick ? 100 : distinctValues })].map(
      ({ value }) => value,
    )
    if (context.logs.includes('embedded')) await measureEmbedded(context, sizes, values)
    if (context.logs.includes('kafka')) await measureKafka(context, sizes, values)
  },
}

async function measureEmbedded(
  context: BenchContext,
  sizes: LogSizes,
  values: readonly Buffer[],
): Promise<void> {
  const embedded = await openEmbeddedLog({
    directory: join(context.directory, 'log'),
    bytesMax: 8 * 2 ** 30,
    diskFreeBytesMin: 0,
  })
  context.cleanup.defer(() => embedded.close())
  const file = new PlainFile(join(context.directory, 'plain'))
  for (const [index, batchRecords] of sizes.batchRecords.entries()) {
    const records = index === 0 ? sizes.records : sizes.fewerRecords
    await context.compare({
      part: `log append by ${batchRecords}`,
      log: 'embedded',
      contenders: [
        appending('embedded log', { values, records, batchRecords, log: embedded }),
        plainAppending(file, { values, records, batchRecords }),
      ],
      aims: (['events per second', 'events per CPU second'] as const).map((measure) => ({
        yardstick: 'file append and fdatasync',
        measure,
      })),
      conditions: {
        ...conditionsOf(values, records),
        'records a batch': batchRecords,
        durable: 'each batch',
      },
    })
  }
  await compareReading(context, { embedded, file, values, records: sizes.records })
}

async function compareReading(
  context: BenchContext,
  of: {
    readonly embedded: Log
    readonly file: PlainFile
    readonly values: readonly Buffer[]
    readonly records: number
  },
): Promise<void> {
  const { embedded, file, values, records } = of
  const topic = await freshTopic(embedded)
  const batches = recordBatches(values, { topic, records, batchRecords: 1_000 })
  await appendAll(embedded, batches)
  await file.append(batches)
  await context.compare({
    part: 'log read',
    log: 'embedded',
    contenders: [
      reading('embedded log', batches, (begin) => readAll(embedded, { topic, records }, begin)),
      reading('file read', batches, () => file.read(readPieceBytes)),
    ],
    aims: [{ yardstick: 'file read', measure: 'events per CPU second' }],
    conditions: {
      ...conditionsOf(values, records),
      cache: 'in memory',
      measured: 'from when the group has given it the partition',
    },
  })
}

async function measureKafka(
  context: BenchContext,
  sizes: LogSizes,
  values: readonly Buffer[],
): Promise<void> {
  const kafka = await startKafka({ quickStart: context.isQuick, heapMib: 512 })
  context.cleanup.defer(() => kafka.close())
  const brokers = kafka.brokers.split(',')
  const [lz4, plain] = await Promise.all(
    (['lz4', 'none'] as const).map((compression) =>
      openKafkaLog({ brokers, clientId: 'bench', compression }),
    ),
  )
  if (lz4 === undefined || plain === undefined) throw new Error('two logs were opened')
  context.cleanup.defer(() => Promise.all([lz4.close(), plain.close()]))
  const kafkaJs = new KafkaJsClient(brokers)
  const { records } = sizes
  const [batchRecords] = sizes.batchRecords
  const work = { values, records, batchRecords }
  const conditions = {
    ...conditionsOf(values, records),
    'records a batch': batchRecords,
    acks: 'all',
    idempotent: 'yes',
    brokers: `1, Kafka ${kafka.version}, on the same cores, its CPU time not counted`,
  }
  const aims = (['events per CPU second', 'events per second'] as const).map((measure) => ({
    yardstick: 'kafkajs',
    measure,
  }))
  await context.compare({
    part: `log append by ${batchRecords}`,
    log: 'kafka',
    contenders: [
      appending('our appender', { ...work, log: plain }),
      appending('kafkajs', { ...work, log: plain, append: (batches) => kafkaJs.append(batches) }),
      appending('our appender with lz4', { ...work, log: lz4 }),
    ],
    aims,
    conditions: { ...conditions, compression: 'none, as kafkajs has no lz4 of its own' },
  })
  const topic = await freshTopic(plain)
  const batches = recordBatches(values, { topic, records, batchRecords })
  await appendAll(plain, batches)
  await context.compare({
    part: 'log read',
    log: 'kafka',
    contenders: [
      reading('our fetcher', batches, (begin) => readAll(plain, { topic, records }, begin)),
      reading('kafkajs', batches, (begin) => kafkaJs.read({ topic, records }, begin)),
    ],
    aims,
    conditions: {
      ...conditions,
      compression: 'none',
      measured: 'from when the group has given it the partition',
    },
  })
}

/** Each measurement fills a topic of its own; making it is not measured. */
function appending(
  name: string,
  of: {
    readonly values: readonly Buffer[]
    readonly records: number
    readonly batchRecords: number
    readonly log: Log
    readonly append?: (batches: RecordBatches) => Promise<void>
  },
): Contender {
  const { log: target, append = (batches: RecordBatches) => appendAll(target, batches) } = of
  return {
    name,
    measure: async () => {
      const batches = recordBatches(of.values, { ...of, topic: await freshTopic(target) })
      return ownWork(sizeOf(batches), () => append(batches))
    },
  }
}

function plainAppending(
  file: PlainFile,
  of: { readonly values: readonly Buffer[]; readonly records: number; readonly batchRecords: number },
): Contender {
  const batches = recordBatches(of.values, { ...of, topic: '' })
  return {
    name: 'file append and fdatasync',
    measure: () => ownWork(sizeOf(batches), () => file.append(batches)),
  }
}

/** @throws Error when it has not read exactly what was appended */
function reading(
  name: string,
  batches: RecordBatches,
  read: (begin: () => void) => Promise<{ records: number; bytes: number }>,
): Contender {
  return {
    name,
    measure: () =>
      ownWork(sizeOf(batches), async (begin) => {
        const seen = await read(begin)
        if (seen.records !== batches.records || seen.bytes !== batches.bytes) {
          throw new Error(`${name} read ${seen.records} records of ${batches.records}`)
        }
      }),
  }
}

function sizeOf({ records, bytes }: RecordBatches): { events: number; bytes: number } {
  return { events: records, bytes }
}

function conditionsOf(values: readonly Buffer[], records: number): Record<string, number> {
  const bytes = values.reduce((sum, { length }) => sum + length, 0)
  return { records, 'bytes a record': bytes / values.length }
}

import { migrate } from '@millrace/clickhouse'
import { partitionCount, startBenchLog, type BenchLog } from '../../core/bench-log.ts'
import type { BenchContext, BenchPart } from '../../core/bench-part.ts'
import type { Aim, Contender, Measure } from '../../core/comparison.ts'
import { startService } from '../../core/measured-service.ts'
import type { Sample } from '../../core/sample.ts'
import { metricSum } from '../../core/service-metrics.ts'
import { measureSpan } from '../../core/span.ts'
import { YardstickProcess } from '../../core/yardstick-process.ts'
import { BenchEngine } from './bench-engine.ts'
import { kafkaTableStatements, type KafkaTableForm } from './kafka-table.ts'
import { insertedColumns, makeRowBacklog, rowsTopic, type RowBacklog } from './row-backlog.ts'

const events = { full: 500_000, quick: 3_000 }
const warmUpShare = 0.25
/** As kafkajs has it, and as somebody sets it who has measured. */
const fetchBytes = { usual: 2 ** 20, large: 16 * 2 ** 20 }
/** About what 16 MiB hold. */
const rowsByHandMax = 20_000
const template = 'bench_template'
const own: Measure = 'events per CPU second of the process alone'
const all: Measure = 'events per CPU second'

/** A sink against what one writes by hand, against ClickHouse's own Kafka table, and against inserting alone. */
export const sinkPart: BenchPart = {
  names: ['sink'],
  async run(context) {
    const engine = await BenchEngine.start(context)
    await migrate({ ...engine.access(template), requestMsMax: 60_000 })
    for (const kind of context.logs) {
      const bench = await startBenchLog(kind, context)
      await new SinkMeasurement(bench, engine, context).run()
    }
  },
}

class SinkMeasurement {
  readonly #bench: BenchLog
  readonly #engine: BenchEngine
  readonly #context: BenchContext
  #databases = 0

  constructor(bench: BenchLog, engine: BenchEngine, context: BenchContext) {
    this.#bench = bench
    this.#engine = engine
    this.#context = context
  }

  async run(): Promise<void> {
    const [bench, engine, context] = [this.#bench, this.#engine, this.#context]
    const wanted = context.isQuick ? events.quick : events.full
    const backlog = await makeRowBacklog({ bench, engine, context, events: wanted })
    await context.compare({
      part: 'sink',
      log: bench.kind,
      contenders: [this.#ours(backlog), ...this.#yardsticks(backlog)],
      aims: bench.brokers === undefined ? aimsEmbedded : aimsOnKafka,
      conditions: {
        rows: backlog.events,
        'bytes an enriched record': backlog.enrichedBytes / backlog.events,
        'bytes a JSON row': backlog.jsonBytes / backlog.events,
        partitions: partitionCount,
        'rows an insert of ours, at most': 50_000,
        measured: `from ${warmUpShare * 100} % to the end of the backlog`,
      },
    })
  }

  #ours(backlog: RowBacklog): Contender {
    return {
      name: 'sink',
      measure: () =>
        this.#inDatabase(async (database) => {
          await migrate({ ...this.#engine.access(database), requestMsMax: 60_000 })
          const { service, adminUrl } = await startService('sink', {
            ...this.#bench.environment,
            ...this.#engine.environment(database),
          })
          try {
            const done = () => metricSum(adminUrl, 'millrace_sink_inserted_rows_total', { table: 'events' })
            const span = {
              total: backlog.events,
              warmUp: backlog.events * warmUpShare,
              done,
              pids: [service.pid],
            }
            const sample = await measureSpan({ ...span, enginePid: this.#engine.pid })
            await this.#assertStored(database, backlog)
            return { ...sample, bytes: (sample.events * backlog.enrichedBytes) / backlog.events }
          } finally {
            await service.stop()
          }
        }),
    }
  }

  #yardsticks(backlog: RowBacklog): Contender[] {
    const { brokers } = this.#bench
    const encoded = this.#program('pre-encoded rows', 'insert-encoded', backlog, {
      blocks: backlog.blocks,
      columns: `(${insertedColumns})`,
    })
    if (brokers === undefined) {
      const byHand = this.#program('by hand', 'insert-by-hand-embedded', backlog, {
        log: { ...this.#bench.environment, EMBEDDED_LOG_BYTES_MAX: 2 ** 36 },
        topic: rowsTopic,
        rowsMax: rowsByHandMax,
      })
      return [byHand, encoded]
    }
    const byHand = { brokers, topic: rowsTopic }
    return [
      this.#program('by hand', 'insert-by-hand', backlog, {
        ...byHand,
        maxBytesPerPartition: fetchBytes.usual,
      }),
      this.#program('by hand, large fetches', 'insert-by-hand', backlog, {
        ...byHand,
        maxBytesPerPartition: fetchBytes.large,
      }),
      encoded,
      this.#kafkaTable('Kafka table, JSONEachRow', 'JSONEachRow', { backlog, brokers }),
      this.#kafkaTable('Kafka table, RawBLOB', 'RawBLOB', { backlog, brokers }),
    ]
  }

  #program(name: string, file: string, backlog: RowBacklog, options: object): Contender {
    return {
      name,
      measure: () =>
        this.#inDatabase(async (database) => {
          await this.#plainTable(database)
          const where = { url: this.#engine.url, database, groupId: `bench.${database}` }
          const process = new YardstickProcess(file, { ...options, ...where })
          try {
            const done = () => process.done()
            const span = {
              total: backlog.events,
              warmUp: backlog.events * warmUpShare,
              done,
              pids: [process.pid],
            }
            const sample = await measureSpan({ ...span, enginePid: this.#engine.pid })
            await this.#assertStored(database, backlog)
            return { ...sample, bytes: (sample.events * backlog.jsonBytes) / backlog.events }
          } finally {
            await process.stop()
          }
        }),
    }
  }

  #kafkaTable(
    name: string,
    form: KafkaTableForm,
    { backlog, brokers }: { readonly backlog: RowBacklog; readonly brokers: string },
  ): Contender {
    const measureIn = async (database: string): Promise<Sample> => {
      await this.#plainTable(database)
      const groupName = `bench.${database}`
      const statements = kafkaTableStatements({ database, brokers, topic: rowsTopic, groupName, form })
      for (const statement of statements) await this.#engine.ask(statement)
      const done = () => this.#engine.count(`${database}.events`)
      const pids = [this.#engine.pid]
      const sample = await measureSpan({
        total: backlog.events,
        warmUp: backlog.events * warmUpShare,
        done,
        pids,
      })
      await this.#engine.ask(`DROP TABLE ${database}.consumer SYNC`)
      await this.#engine.ask(`DROP TABLE ${database}.queue SYNC`)
      await this.#assertStored(database, backlog)
      return { ...sample, bytes: (sample.events * backlog.jsonBytes) / backlog.events }
    }
    return { name, measure: () => this.#inDatabase(measureIn) }
  }

  /** `events` as ours, without the views that make sessions. */
  async #plainTable(database: string): Promise<void> {
    await this.#engine.ask(`CREATE DATABASE ${database}`)
    await this.#engine.ask(`CREATE TABLE ${database}.events AS ${template}.events`)
  }

  async #inDatabase(measure: (database: string) => Promise<Sample>): Promise<Sample> {
    const database = `bench_${this.#bench.kind}_${this.#databases++}`
    const sample = await measure(database)
    await this.#engine.drop(database)
    return sample
  }

  async #assertStored(database: string, { events: expected }: RowBacklog): Promise<void> {
    const stored = await this.#engine.count(`${database}.events`)
    if (stored !== expected) throw new Error(`${stored} rows of ${expected} are stored`)
  }
}

const aimsEmbedded: Aim[] = [
  { yardstick: 'by hand', measure: own, ratioMin: 1.5 },
  { yardstick: 'by hand', measure: all },
  { yardstick: 'pre-encoded rows', measure: all },
]

const aimsOnKafka: Aim[] = [
  { yardstick: 'by hand', measure: own, ratioMin: 1.5 },
  { yardstick: 'by hand', measure: all, ratioMin: 1.5 },
  { yardstick: 'by hand, large fetches', measure: own, ratioMin: 1.5 },
  { yardstick: 'by hand, large fetches', measure: all, ratioMin: 1.5 },
  { yardstick: 'pre-encoded rows', measure: all },
  { yardstick: 'Kafka table, JSONEachRow', measure: all, ratioMin: 2 },
  { yardstick: 'Kafka table, RawBLOB', measure: all, ratioMin: 1 },
]

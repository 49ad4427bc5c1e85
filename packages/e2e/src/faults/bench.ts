import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { startKafka, type KafkaCluster } from '@millrace/log/testing'
import { Cleanup } from '../cleanup.ts'
import { runMillrace } from '../millrace-command.ts'
import { freePort } from '../service-process.ts'
import { SmallDisk } from '../small-disk.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { ClickHouseServer } from './clickhouse-server.ts'
import { dumpLog, placesToStore } from './log-records.ts'
import type { BenchPlan } from './round-plan.ts'
import { SentEvents } from './sent-events.ts'
import { ServiceSlot, type ServiceKind, type UnaskedEnd } from './service-slot.ts'
import { StoreProxy } from './store-proxy.ts'

/** What the services are told; small, so that faults last seconds. */
export const timing = {
  consumerSessionTimeoutMs: 6_000,
  clickHouseRequestMsMax: 1_500,
  spillAfterMs: 500,
} as const

const partitions = 4
/** Ample room, which the disk has while no fault makes it small. */
export const diskMebibytes = 4_096

const slotCounts = { producer: 2, enricher: 4, sink: 4 } as const
/** Of each kind, while no fault scales them. */
export const runningCount = 2

/** Log, store and services of several rounds: real servers and processes, each of which can be hurt. */
export class Bench {
  readonly plan: BenchPlan
  readonly sent = new SentEvents()
  readonly clickHouse: ClickHouseServer
  /** Undefined on the embedded log. */
  readonly kafka: KafkaCluster | undefined
  readonly disk: SmallDisk | undefined
  readonly #directory: Awaited<ReturnType<typeof temporaryDirectory>>
  readonly #cleanup: Cleanup
  readonly #slots: ServiceSlot[] = []
  /** The way to ClickHouse of each sink (and of the pipeline), by the slot's name. */
  readonly #proxies = new Map<string, StoreProxy>()

  private constructor(parts: {
    readonly plan: BenchPlan
    readonly clickHouse: ClickHouseServer
    readonly kafka: KafkaCluster | undefined
    readonly disk: SmallDisk | undefined
    readonly directory: Awaited<ReturnType<typeof temporaryDirectory>>
    readonly cleanup: Cleanup
  }) {
    this.plan = parts.plan
    this.clickHouse = parts.clickHouse
    this.kafka = parts.kafka
    this.disk = parts.disk
    this.#directory = parts.directory
    this.#cleanup = parts.cleanup
    process.once('exit', this.#endNow)
  }

  /** Starts log and store and prepares both; `useServices` starts the services. */
  static async start(plan: BenchPlan): Promise<Bench> {
    const cleanup = new Cleanup()
    const directory = await temporaryDirectory()
    try {
      const disk = plan.hasSmallDisk
        ? await SmallDisk.mount(join(directory.path, 'small-disk'), diskMebibytes)
        : undefined
      if (disk !== undefined) cleanup.defer(() => disk.unmount())
      const { brokers } = plan
      const kafka = brokers === 0 ? undefined : await startKafka({ brokers, faults: true })
      if (kafka !== undefined) cleanup.defer(() => kafka.close())
      const clickHouse = await ClickHouseServer.start(join(directory.path, 'clickhouse'))
      cleanup.defer(() => clickHouse.close())
      const bench = new Bench({ plan, clickHouse, kafka, disk, directory, cleanup })
      await bench.#prepare()
      return bench
    } catch (error) {
      await cleanup.run()
      await directory.remove()
      throw error
    }
  }

  get directory(): string {
    return this.#directory.path
  }

  slots(kind: ServiceKind): readonly ServiceSlot[] {
    return this.#slots.filter((slot) => slot.kind === kind)
  }

  running(kind?: ServiceKind): ServiceSlot[] {
    return this.#slots.filter((slot) => slot.isWanted && (kind === undefined || slot.kind === kind))
  }

  /** Every way to ClickHouse, or those of the given slots. */
  proxies(slots: readonly ServiceSlot[] = this.#slots): StoreProxy[] {
    return slots.flatMap(({ name }) => this.#proxies.get(name) ?? [])
  }

  /** Where events are sent to. */
  producerUrls(): string[] {
    return [...this.running('producer'), ...this.running('pipeline')].map(({ url }) => url)
  }

  /** Runs the services each alone, or all in one process; those that ran the other way are drained. */
  async useServices(isAllInOne: boolean): Promise<void> {
    const unwanted = this.running().filter(({ kind }) => (kind === 'pipeline') !== isAllInOne)
    await Promise.all(unwanted.map((slot) => slot.drain()))
    const wanted = this.#slots.filter(({ kind }) => (kind === 'pipeline') === isAllInOne)
    for (const kind of ['sink', 'enricher', 'producer', 'pipeline'] as const) {
      const ofKind = wanted.filter((slot) => slot.kind === kind)
      const missing = Math.min(runningCount, ofKind.length) - this.running(kind).length
      for (const slot of ofKind.filter(({ isWanted }) => !isWanted).slice(0, Math.max(0, missing)))
        slot.launch()
    }
    await this.settle()
  }

  /** Resolves when every service that should run serves, and nothing is held on the way to ClickHouse. */
  async settle(): Promise<void> {
    for (const slot of this.running()) await slot.ready()
  }

  /** Processes that ended without being told to, since the bench was started. */
  unaskedEnds(): UnaskedEnd[] {
    return this.#slots.flatMap(({ unaskedEnds }) => unaskedEnds)
  }

  outputs(): { name: string; output: string }[] {
    return this.#slots.map(({ name, output }) => ({ name, output })).filter(({ output }) => output !== '')
  }

  /** Places of the raw records that have to leave a row, by the log alone. */
  placesToStore(): Promise<string[]> {
    return placesToStore(this.#logOptions())
  }

  /** Puts what the log holds beside the data that is kept. */
  dumpLog(): Promise<void> {
    return dumpLog(this.#logOptions(), this.directory)
  }

  /** @param options.keep leaves ClickHouse's data and the embedded log where `directory` says */
  async close({ keep = false } = {}): Promise<void> {
    process.off('exit', this.#endNow)
    const failures: unknown[] = []
    const attempt = (step: Promise<unknown>) => step.catch((error: unknown) => failures.push(error))
    for (const slot of this.#slots) slot.thaw()
    await Promise.all(this.#slots.map((slot) => attempt(slot.kill())))
    await Promise.all([...this.#proxies.values()].map((proxy) => attempt(proxy.close())))
    if (keep && this.disk !== undefined) {
      await attempt(cp(this.disk.directory, join(this.directory, 'log-kept'), { recursive: true }))
    }
    await attempt(this.#cleanup.run())
    if (!keep) await attempt(this.#directory.remove())
    if (failures.length > 0) throw failures[0]
  }

  /** What a process that ends in the middle must not leave behind; Kafka and ClickHouse see to their ends themselves. */
  readonly #endNow = (): void => {
    for (const slot of this.#slots) slot.killNow()
    this.disk?.unmountNow()
  }

  async #prepare(): Promise<void> {
    const environment = this.#environment()
    const { code, output } = await runMillrace(['migrate'], environment)
    if (code !== 0) throw new Error(`millrace migrate ended with ${code}: ${output}`)
    for (const [kind, count] of Object.entries(slotCounts)) {
      for (let number = 1; number <= count; number++)
        await this.#addSlot(kind as ServiceKind, number, environment)
    }
    if (this.kafka === undefined) await this.#addSlot('pipeline', 1, environment)
  }

  #logOptions() {
    const { kafka } = this
    const brokers = kafka === undefined ? {} : { KAFKA_BROKERS: kafka.brokers }
    return {
      ...brokers,
      DATA_DIR: this.#dataDirectory(),
      EMBEDDED_LOG_BYTES_MAX: diskMebibytes * 1024 * 1024,
    }
  }

  #dataDirectory(): string {
    return this.disk?.directory ?? join(this.directory, 'data')
  }

  #environment(): Record<string, string> {
    const { plan, kafka } = this
    const log: Record<string, string> =
      kafka === undefined
        ? {}
        : {
            KAFKA_BROKERS: kafka.brokers,
            LOG_REPLICATION_FACTOR: String(plan.brokers),
            SPILL_AFTER_MS: String(timing.spillAfterMs),
            ...(plan.spills ? {} : { SPILL_BYTES_MAX: '0' }),
          }
    return {
      ...log,
      DATA_DIR: this.#dataDirectory(),
      LOG_PARTITIONS: String(partitions),
      CLICKHOUSE_URL: this.clickHouse.url,
      CLICKHOUSE_REQUEST_MS_MAX: String(timing.clickHouseRequestMsMax),
      CONSUMER_SESSION_TIMEOUT_MS: String(timing.consumerSessionTimeoutMs),
      SESSION_INACTIVITY_GAP_S: String(plan.inactivityGapS),
      SESSIONS_MAX: String(plan.sessionsMax),
      SESSION_LATENESS_S: String(plan.latenessS),
      INSERT_AGE_MS_MAX: String(plan.insertAgeMsMax),
      APPEND_DEADLINE_MS: String(plan.appendDeadlineMs),
    }
  }

  async #addSlot(kind: ServiceKind, number: number, common: Record<string, string>): Promise<void> {
    const environment = { ...common }
    // On Kafka a producer has its own machine and disk; on the embedded log all share the log's.
    if (this.kafka !== undefined) environment.DATA_DIR = join(this.directory, `${kind}-${number}`)
    const storesRows = kind === 'sink' || kind === 'pipeline'
    const proxy = storesRows ? await StoreProxy.start(this.clickHouse.url) : undefined
    if (proxy !== undefined) environment.CLICKHOUSE_URL = proxy.url
    const slot = new ServiceSlot({ kind, number, port: await freePort(), environment })
    this.#slots.push(slot)
    if (proxy !== undefined) this.#proxies.set(slot.name, proxy)
  }
}

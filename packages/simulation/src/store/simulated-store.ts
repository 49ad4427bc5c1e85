import { StoreError, type InsertBatch, type RowBlock, type Store, type Table } from '@millrace/clickhouse'
import { RowList } from '@millrace/clickhouse/testing'
import { FakeHistory, type RepeatHistory, type SessionHistory } from '@millrace/sink/testing'
import type { Network, Request } from '../machine/network.ts'
import type { Scheduler } from '../machine/scheduler.ts'
import type { SimulatedProcess } from '../machine/simulated-process.ts'
import type { StoreServer } from './store-server.ts'

export interface SimulatedStoreOptions {
  readonly process: SimulatedProcess
  readonly scheduler: Scheduler
  readonly network: Network
  readonly server: StoreServer
  readonly requestMsMax: number
}

/** What the dead-letter loop asks when its group has no position. */
const letterPlaceQuery = /FROM \w+\.dead_letters\s+WHERE topic = '([^']+)' AND kafka_partition = (\d+)/

/** The store as one process has it: every call goes over the simulated network. */
export class SimulatedStore implements Store {
  readonly #options: SimulatedStoreOptions

  constructor(options: SimulatedStoreOptions) {
    this.#options = options
  }

  insert<Row>(batch: InsertBatch<Row>): Promise<void> {
    const { table, rows, token } = batch
    if (rows.length === 0) return Promise.resolve()
    const text = `insert ${rows.length} into ${table.name} as ${token.slice(token.lastIndexOf('.') + 1)}`
    const { random } = this.#options.scheduler
    const workMs = random.chance(0.1) ? random.between(100, 1_500) : random.between(2, 60)
    return this.#ask({ step: 'insert', text, workMs, canLandLate: true }, (answer) => {
      this.#options.server.land(batch)
      answer(undefined)
    })
  }

  block<Row>(table: Table<Row>): RowBlock<Row> {
    return new RowList(table)
  }

  insertBlock<Row>(block: RowBlock<Row>, token: string): Promise<void> {
    return this.insert({ table: block.table, rows: RowList.rowsOf(block), token })
  }

  query<Row>(sql: string): Promise<Row[]> {
    const [, topic, partition] = letterPlaceQuery.exec(sql) ?? []
    if (topic === undefined) throw new Error(`the simulated store does not know: ${sql}`)
    return this.#ask({ step: 'query' }, (answer) => {
      const letters = this.#options.server.tables.deadLetters
      const own = letters.filter((row) => row.topic === topic && row.kafkaPartition === Number(partition))
      answer([{ raw: String(Math.max(-1, ...own.map(({ kafkaOffset }) => kafkaOffset))) }] as Row[])
    })
  }

  readBlocks(sql: string): Promise<void> {
    throw new Error(`the simulated store does not know: ${sql}`)
  }

  command(): Promise<void> {
    return Promise.resolve()
  }

  ping(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** What the stored rows tell, asked over the network. */
  history(): SessionHistory & RepeatHistory {
    const stored = new FakeHistory(this.#options.server.tables)
    return new Proxy(stored, {
      get: (_, name) => {
        const question: unknown = Reflect.get(stored, name)
        if (typeof question !== 'function') return question
        return (...args: unknown[]) =>
          this.#ask({ step: 'query' }, (answer) => answer(Reflect.apply(question, stored, args)))
      },
    })
  }

  #ask<Answer>(
    request: Pick<Request<Answer>, 'step'> & Partial<Request<Answer>>,
    perform: Request<Answer>['perform'],
  ): Promise<Answer> {
    const { network, process: from, requestMsMax, scheduler } = this.#options
    return network.ask({
      from,
      server: 'store',
      workMs: scheduler.random.between(1, 20),
      timeoutMs: requestMsMax,
      unavailable: (why) => new StoreError(`the store: ${why}`, { code: 'STORE_UNAVAILABLE' }),
      ...request,
      perform,
    })
  }
}

import { join } from 'node:path'
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import type { BenchContext } from '../../core/bench-part.ts'

/** The ClickHouse engine in a process of its own, for one part. */
export class BenchEngine {
  readonly #engine: EmbeddedClickHouse

  private constructor(engine: EmbeddedClickHouse) {
    this.#engine = engine
  }

  static async start({
    directory,
    cleanup,
  }: Pick<BenchContext, 'directory' | 'cleanup'>): Promise<BenchEngine> {
    const engine = await startEmbeddedClickHouse({ directory: join(directory, 'clickhouse'), restart: false })
    cleanup.defer(() => engine.close())
    return new BenchEngine(engine)
  }

  get url(): string {
    return this.#engine.url
  }

  get pid(): number {
    return this.#engine.pid
  }

  /** For packages/clickhouse. */
  access(database: string): { url: string; database: string; user: string; password: string } {
    return { url: this.url, database, user: 'default', password: '' }
  }

  /** For services, by the options' names. */
  environment(database: string): Record<string, string> {
    return { CLICKHOUSE_URL: this.url, CLICKHOUSE_DATABASE: database }
  }

  async ask(sql: string): Promise<string> {
    return (await this.askBytes(sql)).toString('utf8')
  }

  /** @throws Error with what the engine says */
  async askBytes(sql: string): Promise<Buffer> {
    const response = await fetch(this.url, { method: 'POST', body: sql })
    if (!response.ok) throw new Error(await response.text())
    return Buffer.from(await response.arrayBuffer())
  }

  async count(table: string): Promise<number> {
    return Number(await this.ask(`SELECT count() FROM ${table}`))
  }

  async drop(database: string): Promise<void> {
    await this.ask(`DROP DATABASE IF EXISTS ${database} SYNC`)
  }
}

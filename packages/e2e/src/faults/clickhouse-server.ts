import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@millrace/embedded-clickhouse'

/** The real ClickHouse engine behind HTTP, at one port for as long as the bench lives; it can be killed. */
export class ClickHouseServer {
  readonly #directory: string
  readonly port: number
  #engine: EmbeddedClickHouse

  private constructor(directory: string, engine: EmbeddedClickHouse) {
    this.#directory = directory
    this.#engine = engine
    this.port = engine.port
  }

  static async start(directory: string): Promise<ClickHouseServer> {
    return new ClickHouseServer(directory, await startEmbeddedClickHouse({ directory, restart: false }))
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** kill -9 of the engine's process. */
  async kill(): Promise<void> {
    process.kill(this.#engine.pid, 'SIGKILL')
    await this.#engine.exited
  }

  /** On its data, at its port. */
  async startAgain(): Promise<void> {
    this.#engine = await startEmbeddedClickHouse({
      directory: this.#directory,
      port: this.port,
      restart: false,
    })
  }

  close(): Promise<void> {
    return this.#engine.close()
  }
}

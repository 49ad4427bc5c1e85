import { request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { migrate } from '@millrace/clickhouse'
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import type { BenchContext } from '../../core/bench-part.ts'

const database = 'millrace'
const memoryBytesMax = 4 * 2 ** 30
const idlePollMs = 200
const requestMsMax = 1_200_000

/** What a question cost, and its answer. */
export interface Answer<Row> {
  readonly rows: readonly Row[]
  /** As the engine measures it: without the way there and back. */
  readonly elapsedMs: number
  readonly rowsRead: number
  readonly bytesRead: number
}

/** An engine with Millrace's tables, in a directory of its own. */
export class TableServer {
  readonly #engine: EmbeddedClickHouse
  readonly directory: string

  private constructor(engine: EmbeddedClickHouse, directory: string) {
    this.#engine = engine
    this.directory = directory
  }

  /** @param name of the directory under the context's */
  static async start(
    name: string,
    context: Pick<BenchContext, 'directory' | 'cleanup'>,
  ): Promise<TableServer> {
    const directory = join(context.directory, name)
    const engine = await startEmbeddedClickHouse({
      directory,
      restart: false,
      limits: { memoryBytesMax, queryMemoryBytesMax: memoryBytesMax / 2 },
    })
    context.cleanup.defer(() => engine.close())
    await migrate({ url: engine.url, database, user: 'default', password: '', requestMsMax })
    return new TableServer(engine, directory)
  }

  get pid(): number {
    return this.#engine.pid
  }

  /** For a sink, by the options' names. */
  get environment(): Record<string, string> {
    return { CLICKHOUSE_URL: this.#engine.url, CLICKHOUSE_DATABASE: database }
  }

  /** Runs a statement that answers nothing. @throws Error with what the engine says */
  async run(sql: string, settings: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#send(sql, { wait_end_of_query: '1', ...settings })
  }

  /** @param params by their names in the SQL, such as `site` for `{site:String}` */
  async ask<Row>(sql: string, params: Readonly<Record<string, string>> = {}): Promise<Answer<Row>> {
    const named = Object.entries(params).map(([name, value]) => [`param_${name}`, value] as const)
    const text = await this.#send(sql, {
      ...Object.fromEntries(named),
      default_format: 'JSON',
      use_query_condition_cache: '0',
    })
    const { data, statistics } = JSON.parse(text) as {
      data: Row[]
      statistics: { elapsed: number; rows_read: number; bytes_read: number }
    }
    const { elapsed, rows_read: rowsRead, bytes_read: bytesRead } = statistics
    return { rows: data, elapsedMs: elapsed * 1_000, rowsRead, bytesRead }
  }

  /** The only value of the only row, as a number. */
  async number(sql: string): Promise<number> {
    const { rows } = await this.ask<Record<string, string | number>>(sql)
    return Number(Object.values(rows[0] ?? {})[0])
  }

  /** Resolves when no part is being merged or removed any more. */
  async idle(): Promise<void> {
    const busy = `SELECT (SELECT count() FROM system.merges) + (SELECT count() FROM system.mutations WHERE NOT is_done)`
    while ((await this.number(busy)) > 0) await new Promise((resolve) => setTimeout(resolve, idlePollMs))
  }

  /** The answer's bytes as they come. */
  async stream(sql: string, settings: Readonly<Record<string, string>> = {}): Promise<IncomingMessage> {
    const answer = await this.#post(sql, settings)
    if (answer.statusCode !== 200) throw new Error(`${(await textOf(answer)).trim()}\n${sql.slice(0, 500)}`)
    return answer
  }

  async #send(sql: string, settings: Readonly<Record<string, string>>): Promise<string> {
    return textOf(await this.stream(sql, settings))
  }

  /** By hand, as `fetch` gives an answer up that has not begun after five minutes: merging 50 million rows may take longer. */
  #post(sql: string, settings: Readonly<Record<string, string>>): Promise<IncomingMessage> {
    const url = new URL(this.#engine.url)
    url.search = new URLSearchParams({ database, ...settings }).toString()
    return new Promise((resolve, reject) => {
      request(url, { method: 'POST', signal: AbortSignal.timeout(requestMsMax) }, resolve)
        .once('error', reject)
        .end(sql)
    })
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of answer as AsyncIterable<Buffer>) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}

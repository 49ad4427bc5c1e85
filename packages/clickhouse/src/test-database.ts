import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore } from './clickhouse-store.ts'
import { migrate } from './migrate.ts'
import type { Store, StoreOptions } from './store.ts'

/** What of `startEmbeddedClickHouse` is used; a parameter, because adapters do not import each other. */
export type StartEngine = (options: {
  readonly directory: string
  readonly port: number
}) => Promise<{ readonly url: string; close(): Promise<void> }>

export interface TestServer {
  readonly url: string
  readonly user: string
  readonly password: string
  close(): Promise<void>
}

/** The server that `CLICKHOUSE_URL` names, or else an engine of its own in a temporary directory. */
export async function openTestServer(startEngine: StartEngine): Promise<TestServer> {
  const { CLICKHOUSE_URL: url, CLICKHOUSE_USER: user, CLICKHOUSE_PASSWORD: password } = process.env
  if (url !== undefined && url !== '') {
    return { url, user: user ?? 'default', password: password ?? '', close: () => Promise.resolve() }
  }
  const directory = await mkdtemp(join(tmpdir(), 'millrace-clickhouse-'))
  const engine = await startEngine({ directory, port: 0 })
  return {
    url: engine.url,
    user: 'default',
    password: '',
    close: async () => {
      await engine.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** A name that no other test has. */
export function freshDatabaseName(): string {
  return `test_${randomBytes(6).toString('hex')}`
}

export interface TestDatabase {
  readonly options: StoreOptions
  readonly store: Store
  close(): Promise<void>
}

/** A migrated database of its own at the test server, dropped at close. */
export async function openTestDatabase(startEngine: StartEngine): Promise<TestDatabase> {
  const server = await openTestServer(startEngine)
  const { url, user, password } = server
  const options = { url, user, password, database: freshDatabaseName(), requestMsMax: 60_000 }
  await migrate(options)
  const store = createStore(options)
  return {
    options,
    store,
    close: async () => {
      await store.command(`DROP DATABASE ${options.database}`)
      await store.close()
      await server.close()
    },
  }
}

import { cp, mkdtemp, readdir, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createStore, eventsTable, migrate, type MigrateOptions, type Store } from './index.ts'
import { anEventRow, freshDatabaseName, openTestServer, type TestServer } from './testing.ts'

const migrationsDirectory = new URL('../../../migrations/', import.meta.url)
const closers: (() => Promise<unknown>)[] = []
let server: TestServer

beforeAll(async () => {
  server = await openTestServer(startEmbeddedClickHouse)
  closers.push(() => server.close())
})

afterAll(async () => {
  for (const close of closers) await close()
})

function freshDatabase(): MigrateOptions {
  const { url, user, password } = server
  const database = freshDatabaseName()
  const options = { url, user, password, database, requestMsMax: 30_000 }
  closers.unshift(() =>
    withStore({ ...options, database: 'system' }, (store) =>
      store.command(`DROP DATABASE IF EXISTS ${database}`),
    ),
  )
  return options
}

async function withStore<T>(options: MigrateOptions, work: (store: Store) => Promise<T>): Promise<T> {
  const store = createStore(options)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** A copy of the folder that the test may change. */
async function copiedFolder(): Promise<{ path: string; url: URL }> {
  const path = await mkdtemp(join(tmpdir(), 'millrace-migrations-'))
  closers.push(() => rm(path, { recursive: true, force: true }))
  await cp(migrationsDirectory, path, { recursive: true })
  return { path, url: pathToFileURL(`${path}/`) }
}

const files = async (): Promise<string[]> => (await readdir(migrationsDirectory)).sort()
const history = (options: MigrateOptions): Promise<unknown[]> =>
  withStore(options, (store) => store.query('SELECT number, name FROM schema_migrations ORDER BY number'))

it('applies every file in order, records it, and has nothing to do the next time', async () => {
  const options = freshDatabase()
  expect(await migrate(options)).toEqual(await files())
  expect(await migrate(options)).toEqual([])
  expect(await history(options)).toEqual((await files()).map((name, index) => ({ number: index + 1, name })))
})

it('is safe for several that start together on a server without the database', async () => {
  const options = freshDatabase()
  const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(options)))
  expect([...new Set(applied.flat())].sort()).toEqual(await files())
  expect(await history(options)).toEqual((await files()).map((name, index) => ({ number: index + 1, name })))
  expect(await migrate(options)).toEqual([])
})

it('goes on where a run was cut off between two statements', async () => {
  const options = freshDatabase()
  const { path, url } = await copiedFolder()
  const last = String((await files()).length + 1).padStart(4, '0')
  const broken = `${last}_cut.sql`
  await writeFile(
    join(path, broken),
    'CREATE TABLE IF NOT EXISTS a (x UInt8) ENGINE = Memory\n;\nDROP TABLE IF EXISTS\n',
  )
  await expect(migrate({ ...options, directory: url })).rejects.toMatchObject({ code: 'STATEMENT_REFUSED' })
  await writeFile(join(path, broken), 'CREATE TABLE IF NOT EXISTS a (x UInt8) ENGINE = Memory\n')
  expect(await migrate({ ...options, directory: url })).toEqual([broken])
})

it('lets events from before 0005 count as received when they happened, and finds them by that time', async () => {
  const options = freshDatabase()
  const { path, url } = await copiedFolder()
  for (const name of await files()) if (name >= '0005') await unlink(join(path, name))
  await migrate({ ...options, directory: url })
  await withStore(options, async (store) => {
    await store.command("INSERT INTO events (site, timestamp, kafka_partition) VALUES ('a', 1795000000, 1)")
    await migrate(options)
    expect(await store.query('SELECT received_at = timestamp AS same FROM events')).toEqual([{ same: 1 }])
    const ask = 'SELECT 1 FROM events WHERE received_at > toDateTime(1795000000)'
    await vi.waitFor(async () =>
      expect(JSON.stringify(await store.query(`EXPLAIN indexes = 1 ${ask}`))).toMatch(
        /ix_received_at.*Parts: 0\/1/,
      ),
    )
  })
})

it('refuses a folder whose applied file was edited, naming it, and runs nothing', async () => {
  const options = freshDatabase()
  await migrate(options)
  const { path, url } = await copiedFolder()
  await writeFile(join(path, '0001_events.sql'), 'CREATE TABLE IF NOT EXISTS a (x UInt8) ENGINE = Memory')
  await expect(migrate({ ...options, directory: url })).rejects.toMatchObject({
    code: 'MIGRATION_EDITED',
    message: expect.stringContaining('0001_events.sql') as string,
  })
  await expect(withStore(options, (store) => store.query('SELECT * FROM a'))).rejects.toMatchObject({
    code: 'SCHEMA_MISSING',
  })
})

it('refuses a folder that lacks an applied file, naming it', async () => {
  const options = freshDatabase()
  await migrate(options)
  const { path, url } = await copiedFolder()
  const last = (await files()).at(-1) ?? ''
  await unlink(join(path, last))
  await expect(migrate({ ...options, directory: url })).rejects.toMatchObject({
    code: 'MIGRATION_MISSING',
    message: expect.stringContaining(last) as string,
  })
})

it('refuses a database name that would need quoting', async () => {
  await expect(migrate({ ...freshDatabase(), database: 'a; DROP' })).rejects.toThrow('not a database name')
})

// A view whose definition was altered marks its rows otherwise until the server reads it again at its next start.
it('makes a view of sessions that knows a repeated insert after the server was killed', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-migrated-'))
  closers.push(() => rm(directory, { recursive: true, force: true }))
  const engine = await startEmbeddedClickHouse({ directory })
  closers.unshift(() => engine.close())
  const { url } = engine
  const options = { url, user: 'default', password: '', database: 'millrace', requestMsMax: 30_000 }
  await migrate(options)
  await withStore(options, async (store) => {
    const insert = () => store.insert({ table: eventsTable, rows: [anEventRow()], token: 'range' })
    await insert()
    process.kill(engine.pid, 'SIGKILL')
    await vi.waitFor(insert, { timeout: 20_000 })
    const counted = 'SELECT count() AS events, (SELECT sum(pageviews) FROM sessions) AS pageviews FROM events'
    expect(await store.query(counted)).toEqual([{ events: '1', pageviews: '1' }])
  })
})

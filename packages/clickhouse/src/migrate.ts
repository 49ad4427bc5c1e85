import { readdir, readFile } from 'node:fs/promises'
import { createStore } from './clickhouse-store.ts'
import { type AppliedMigration, type Migration, pendingMigrations, readMigrations } from './migration.ts'
import { StoreError } from './store-error.ts'
import type { Store, StoreOptions } from './store.ts'
import type { Table } from './table.ts'

/** The repository's `migrations/`; `src` and `dist` lie equally deep below it. */
const migrationsDirectory = new URL('../../../migrations/', import.meta.url)

export interface MigrateOptions extends StoreOptions {
  /** Default: `migrations/` of the repository. */
  readonly directory?: URL
}

/**
 * Creates the database where it is missing and applies the migrations it lacks, in order, each recorded with its checksum
 * in `schema_migrations`. Several may run at once, and a run that was killed is simply repeated: every statement can be
 * run again. So two that start together may both report the same migration as applied.
 * @returns the files this call applied
 * @throws MigrationError (nothing was run) or StoreError
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const migrations = await migrationsIn(options.directory ?? migrationsDirectory)
  await createDatabase(options)
  const store = createStore(options)
  try {
    await store.command(createHistory)
    const pending = pendingMigrations(migrations, await appliedMigrations(store))
    for (const migration of pending) await apply(store, migration)
    return pending.map((migration) => migration.name)
  } finally {
    await store.close()
  }
}

async function migrationsIn(directory: URL): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql'))
  const files = names.map(async (name) => ({ name, text: await readFile(new URL(name, directory), 'utf8') }))
  return readMigrations(await Promise.all(files))
}

/** A name that needs no quoting anywhere. */
const databaseName = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/

async function createDatabase(options: StoreOptions): Promise<void> {
  if (!databaseName.test(options.database)) {
    throw new StoreError(`not a database name: ${options.database}`, { code: 'STATEMENT_REFUSED' })
  }
  const store = createStore({ ...options, database: 'system' })
  try {
    // Asked first: a user may have the rights inside its database and not the right to create one.
    const found = await store.query('SELECT 1 FROM system.databases WHERE name = {name:String}', {
      name: options.database,
    })
    if (found.length === 0) await store.command(`CREATE DATABASE IF NOT EXISTS ${options.database}`)
  } finally {
    await store.close()
  }
}

const createHistory = `
CREATE TABLE IF NOT EXISTS schema_migrations
(
    number      UInt16,
    name        String,
    checksum    String COMMENT 'SHA-256 of the file',
    applied_at  DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY (number, name, checksum)
SETTINGS non_replicated_deduplication_window = 1000`

const historyTable: Table<AppliedMigration> = {
  name: 'schema_migrations',
  columns: [
    { name: 'number', type: 'UInt16', read: (row) => row.number },
    { name: 'name', type: 'String', read: (row) => row.name },
    { name: 'checksum', type: 'String', read: (row) => row.checksum },
  ],
}

function appliedMigrations(store: Store): Promise<AppliedMigration[]> {
  return store.query('SELECT number, name, checksum FROM schema_migrations FINAL ORDER BY number')
}

async function apply(store: Store, migration: Migration): Promise<void> {
  for (const statement of migration.statements) await store.command(statement)
  await store.insert({
    table: historyTable,
    rows: [migration],
    token: `schema_migrations:${migration.name}:${migration.checksum}`,
  })
}

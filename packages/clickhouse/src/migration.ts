import { createHash } from 'node:crypto'
import { NeighbourError } from '@millrace/runtime'

/** One file of `migrations/`. */
export interface Migration {
  readonly number: number
  /** File name. */
  readonly name: string
  readonly checksum: string
  readonly statements: readonly string[]
}

export interface AppliedMigration {
  readonly number: number
  readonly name: string
  readonly checksum: string
}

export type MigrationErrorCode =
  'MIGRATION_MISNUMBERED' | 'MIGRATION_NOT_REPEATABLE' | 'MIGRATION_EDITED' | 'MIGRATION_MISSING'

/** The migrations folder, or the history in the database, is not what it must be; nothing was run. */
export class MigrationError extends NeighbourError {
  override readonly name = 'MigrationError'
  declare readonly code: MigrationErrorCode

  constructor(message: string, code: MigrationErrorCode) {
    super(message, { code, retriable: false })
  }
}

const fileName = /^(\d{4})_[a-z0-9_]+\.sql$/

/** A statement that may run again, or twice at once: ClickHouse has neither transactions nor locks for them. */
const repeatable =
  /^(CREATE (MATERIALIZED VIEW|TABLE|VIEW|DICTIONARY|FUNCTION|USER|ROLE) IF NOT EXISTS|CREATE OR REPLACE|DROP \w+( \w+)? IF EXISTS|ALTER TABLE \S+ (ADD|DROP|RENAME|MODIFY|MATERIALIZE|REMOVE) .*|GRANT) ?/is

/**
 * Orders and checks the files of the folder: `0001_name.sql` on without a gap, statements separated by a line of only `;`.
 * @throws MigrationError naming the file
 */
export function readMigrations(
  files: readonly { readonly name: string; readonly text: string }[],
): Migration[] {
  const sorted = files.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return sorted.map(({ name, text }, index) => {
    const number = Number(fileName.exec(name)?.[1])
    if (number !== index + 1) {
      const expected = String(index + 1).padStart(4, '0')
      throw new MigrationError(
        `migrations/${name}: expected a file ${expected}_name.sql`,
        'MIGRATION_MISNUMBERED',
      )
    }
    const statements = text
      .split(/^;[ \t]*\r?$/m)
      .map((statement) => statement.trim())
      .filter((statement) => withoutComments(statement) !== '')
    for (const statement of statements) checkRepeatable(name, statement)
    return { number, name, checksum: createHash('sha256').update(text).digest('hex'), statements }
  })
}

/**
 * What is still to be applied, given what the database has recorded.
 * @throws MigrationError when an applied file was edited, renamed or removed, or the record of one is missing
 */
export function pendingMigrations(
  migrations: readonly Migration[],
  applied: readonly AppliedMigration[],
): Migration[] {
  for (const entry of applied) {
    const migration = migrations[entry.number - 1]
    if (migration?.name !== entry.name) {
      const message = `migrations/${entry.name} was applied to this database and is missing from the folder`
      throw new MigrationError(message, 'MIGRATION_MISSING')
    }
    if (migration.checksum !== entry.checksum) {
      const message = `migrations/${entry.name} was edited after it was applied; add a new file instead`
      throw new MigrationError(message, 'MIGRATION_EDITED')
    }
  }
  const numbers = new Set(applied.map((entry) => entry.number))
  const last = Math.max(0, ...numbers)
  const hole = migrations.find((migration) => migration.number < last && !numbers.has(migration.number))
  if (hole !== undefined) {
    const message = `the database's history lacks migrations/${hole.name}, though later ones were applied`
    throw new MigrationError(message, 'MIGRATION_MISSING')
  }
  return migrations.filter((migration) => migration.number > last)
}

function checkRepeatable(name: string, statement: string): void {
  const sql = withoutComments(statement).replaceAll(/\s+/g, ' ')
  const alters = /^ALTER /i.test(sql)
  if (repeatable.test(sql) && (!alters || /\bIF (NOT )?EXISTS\b|\bMODIFY\b/i.test(sql))) return
  const message = `migrations/${name}: a statement must do no harm when run twice (IF NOT EXISTS): ${sql.slice(0, 60)}`
  throw new MigrationError(message, 'MIGRATION_NOT_REPEATABLE')
}

function withoutComments(statement: string): string {
  return statement
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('--'))
    .join('\n')
    .trim()
}

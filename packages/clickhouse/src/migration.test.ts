import { describe, expect, it } from 'vitest'
import { pendingMigrations, readMigrations } from './migration.ts'

const file = (name: string, text = 'CREATE TABLE IF NOT EXISTS a (x UInt8) ENGINE = Memory') => ({
  name,
  text,
})
const record = (migration: { number: number; name: string; checksum: string }) => ({
  number: migration.number,
  name: migration.name,
  checksum: migration.checksum,
})

describe('readMigrations', () => {
  it('orders files by number, not by how the folder lists them', () => {
    const names = readMigrations([file('0002_b.sql'), file('0001_a.sql')]).map((migration) => migration.name)
    expect(names).toEqual(['0001_a.sql', '0002_b.sql'])
  })

  it.each([
    ['a gap', ['0001_a.sql', '0003_c.sql'], '0003_c.sql: expected a file 0002_name.sql'],
    ['a start above 1', ['0002_b.sql'], '0002_b.sql: expected a file 0001_name.sql'],
    ['a number used twice', ['0001_a.sql', '0001_b.sql'], '0001_b.sql: expected a file 0002_name.sql'],
    ['a name of another form', ['1_a.sql'], '1_a.sql: expected a file 0001_name.sql'],
  ])('refuses %s and names the file', (_case, names, message) => {
    expect(() => readMigrations(names.map((name) => file(name)))).toThrow(message)
  })

  it('splits at lines that hold only a semicolon and leaves out what is only a comment', () => {
    const text = `-- about\nCREATE VIEW IF NOT EXISTS v AS SELECT ';' AS x\n;\r\nDROP TABLE IF EXISTS b\n;\n-- the end;\n`
    const [migration] = readMigrations([file('0001_a.sql', text)])
    expect(migration?.statements).toEqual([
      "-- about\nCREATE VIEW IF NOT EXISTS v AS SELECT ';' AS x",
      'DROP TABLE IF EXISTS b',
    ])
  })

  it.each([
    'CREATE TABLE IF NOT EXISTS a (x UInt8) ENGINE = Memory',
    'CREATE MATERIALIZED VIEW IF NOT EXISTS a TO b AS SELECT 1',
    'CREATE OR REPLACE VIEW a AS SELECT 1',
    'ALTER TABLE a ADD COLUMN IF NOT EXISTS y UInt8',
    'ALTER TABLE a MODIFY SETTING x = 1',
    'DROP VIEW IF EXISTS a',
  ])('takes %s', (statement) => {
    expect(readMigrations([file('0001_a.sql', statement)])).toHaveLength(1)
  })

  it.each([
    'CREATE TABLE a (x UInt8) ENGINE = Memory',
    'ALTER TABLE a ADD COLUMN y UInt8',
    'INSERT INTO a VALUES (1)',
    'DROP TABLE a',
  ])('refuses %s, which does harm when run twice', (statement) => {
    expect(() => readMigrations([file('0001_a.sql', statement)])).toThrow('0001_a.sql')
  })
})

describe('pendingMigrations', () => {
  const migrations = readMigrations([file('0001_a.sql'), file('0002_b.sql'), file('0003_c.sql')])

  it('gives what is not recorded, in order', () => {
    const pending = pendingMigrations(migrations, migrations.slice(0, 1).map(record))
    expect(pending.map((migration) => migration.name)).toEqual(['0002_b.sql', '0003_c.sql'])
  })

  it('gives nothing when all are recorded', () => {
    expect(pendingMigrations(migrations, migrations.map(record))).toEqual([])
  })

  it('refuses a file that was edited after it was applied', () => {
    const edited = readMigrations([file('0001_a.sql', 'DROP TABLE IF EXISTS a')])
    expect(() => pendingMigrations(edited, migrations.slice(0, 1).map(record))).toThrow(
      expect.objectContaining({ code: 'MIGRATION_EDITED', message: expect.stringContaining('0001_a.sql') }),
    )
  })

  it('refuses a folder that lacks a file the database has', () => {
    expect(() => pendingMigrations(migrations.slice(0, 2), migrations.map(record))).toThrow(
      expect.objectContaining({ code: 'MIGRATION_MISSING', message: expect.stringContaining('0003_c.sql') }),
    )
  })

  it('refuses a history with a hole', () => {
    const history = [migrations[0]!, migrations[2]!].map(record)
    expect(() => pendingMigrations(migrations, history)).toThrow(
      expect.objectContaining({ code: 'MIGRATION_MISSING', message: expect.stringContaining('0002_b.sql') }),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { readStatement } from './statement.ts'

const isFormat = (name: string) => ['json', 'native', 'csv', 'values', 'tsv'].includes(name.toLowerCase())
const read = (sql: string) => readStatement(sql, isFormat)

function intoFile(sql: string): string {
  const statement = read(sql)
  if (statement.kind !== 'result') throw new Error(`${statement.kind} of ${sql}`)
  return statement.intoFile('p', 'TSV').replaceAll(/\s+/g, ' ').trim()
}

function insert(sql: string): { readonly sql: string; readonly data: string } {
  const statement = read(sql)
  if (statement.kind !== 'insert') throw new Error(`${statement.kind} of ${sql}`)
  return { sql: statement.fromFile('p').replaceAll(/\s+/g, ' ').trim(), data: sql.slice(statement.dataStart) }
}

const into = "INTO OUTFILE 'p' TRUNCATE"
const from = "FROM INFILE 'p' COMPRESSION 'none'"

describe('a query', () => {
  it.each([
    ['SELECT 1', `SELECT 1 ${into} FORMAT TSV`],
    ['SELECT 1;', `SELECT 1 ${into} FORMAT TSV`],
    ['SELECT 1 -- FORMAT JSON', `SELECT 1 ${into} FORMAT TSV`],
    ['SELECT 1 FORMAT JSON', `SELECT 1 ${into} FORMAT JSON`],
    ['SELECT 1 format json ;', `SELECT 1 ${into} format json`],
    ['SELECT 1 FORMAT JSON SETTINGS a=1', `SELECT 1 ${into} FORMAT JSON SETTINGS a=1`],
    ['SELECT 1 SETTINGS a=1', `SELECT 1 SETTINGS a=1 ${into} FORMAT TSV`],
    ['SHOW TABLES SETTINGS a=1', `SHOW TABLES ${into} FORMAT TSV SETTINGS a=1`],
    ['SELECT a FROM t ORDER BY format DESC', `SELECT a FROM t ORDER BY format DESC ${into} FORMAT TSV`],
    ['SELECT 1 AS format', `SELECT 1 AS format ${into} FORMAT TSV`],
    ["SELECT ' FORMAT JSON'", `SELECT ' FORMAT JSON' ${into} FORMAT TSV`],
    ['(SELECT 1) UNION ALL (SELECT 2)', `(SELECT 1) UNION ALL (SELECT 2) ${into} FORMAT TSV`],
    ['SELECT * FROM format(JSON, $$x$$)', `SELECT * FROM format(JSON, $$x$$) ${into} FORMAT TSV`],
  ])('%j sends its rows to the file', (sql, expected) => {
    expect(intoFile(sql)).toBe(expected)
  })

  it('keeps text beyond ASCII', () => {
    expect(intoFile(Buffer.from("SELECT 'é😀'").toString('latin1'))).toBe(`SELECT 'é😀' ${into} FORMAT TSV`)
  })

  it('is refused when its bytes are not UTF-8', () => {
    expect(() => intoFile("SELECT '\u00ff'")).toThrow('Code: 36')
  })
})

describe('an insert', () => {
  it.each([
    ['INSERT INTO t FORMAT Native\nabc', `INSERT INTO t ${from} FORMAT Native`, 'abc'],
    ['INSERT INTO t FORMAT Native \r\nabc', `INSERT INTO t ${from} FORMAT Native`, 'abc'],
    ['INSERT INTO t FORMAT Native\n\nabc', `INSERT INTO t ${from} FORMAT Native`, '\nabc'],
    ['INSERT INTO t (a, b) FORMAT CSV 1,2', `INSERT INTO t (a, b) ${from} FORMAT CSV`, '1,2'],
    [
      "INSERT INTO d.t SETTINGS x='y' FORMAT CSV\n1",
      `INSERT INTO d.t ${from} SETTINGS x='y' FORMAT CSV`,
      '1',
    ],
    [
      "INSERT INTO t SELECT a + 1 FROM input('a Int8') WHERE a FORMAT CSV\n1",
      "INSERT INTO t SELECT a + 1 FROM file('p', 'CSV', 'a Int8') WHERE a",
      '1',
    ],
    [
      'INSERT INTO t SELECT * FROM input() FORMAT CSV\n1',
      "INSERT INTO t SELECT * FROM file('p', 'CSV')",
      '1',
    ],
    ['insert into t values (1), (2)', `insert into t ${from} FORMAT Values`, ' (1), (2)'],
    ['INSERT INTO t (a) VALUES', `INSERT INTO t (a) ${from} FORMAT Values`, ''],
    ['INSERT INTO t SETTINGS a=1 VALUES (1)', `INSERT INTO t ${from} SETTINGS a=1 FORMAT Values`, ' (1)'],
    [
      'INSERT INTO t FORMAT Native\n\u0000\u00ff\'"',
      `INSERT INTO t ${from} FORMAT Native`,
      '\u0000\u00ff\'"',
    ],
  ])('%j takes its data from the file', (sql, expected, data) => {
    expect(insert(sql)).toEqual({ sql: expected, data })
  })

  it.each([
    'INSERT INTO t SELECT 1',
    'INSERT INTO t SELECT 1 FORMAT JSON',
    'INSERT INTO t (a) WITH 1 AS x SELECT x',
  ])('%j has no data', (sql) => {
    expect(read(sql).kind).toBe('command')
  })
})

describe('a text', () => {
  it.each([
    ['', 62],
    [' -- nothing', 62],
    [';', 62],
    ['SELECT 1; SELECT 2', 62],
    ['SELECT 1; DROP TABLE t', 62],
    ["SELECT 'a", 62],
    ['\\q', 62],
    ["SELECT 1 INTO OUTFILE '/x'", 358],
    ["SELECT 1 INTO/**/OUTFILE '/x' FORMAT CSV", 358],
    ["INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV", 48],
  ])('%j is refused with code %i', (sql, code) => {
    expect(() => read(sql)).toThrow(`Code: ${code}.`)
  })

  it.each(['CREATE TABLE t (a Int8) ENGINE = Memory', 'SET a = 1', 'SYSTEM FLUSH LOGS; -- done'])(
    '%j is a command',
    (sql) => {
      expect(read(sql).kind).toBe('command')
    },
  )
})

import { describe, expect, it } from 'vitest'
import { mayReadonlySet, refuseUnlessReadonly } from './readonly-rules.ts'
import { readStatement } from './statement.ts'

const tableFunctions = new Set(['file', 'url', 's3', 'remote', 'numbers', 'merge', 'format', 'executable'])
const check = (sql: string, params: Record<string, string> = {}) => {
  refuseUnlessReadonly(
    readStatement(sql, (name) => name === 'JSON'),
    { tableFunctions, params },
  )
}

describe('a read-only user', () => {
  it.each([
    'SELECT 1',
    'SELECT * FROM numbers(10)',
    "SELECT * FROM merge('d', '^t$')",
    "SELECT 'file(1)', t.file FROM t",
    'SHOW TABLES',
    'DESCRIBE t',
    'EXPLAIN SELECT 1',
    'EXISTS TABLE t',
    'WITH 1 AS x SELECT x FORMAT JSON',
    'SELECT url FROM t',
    'SELECT 1 /* file(1) */',
  ])('may ask %j', (sql) => {
    expect(() => {
      check(sql)
    }).not.toThrow()
  })

  it.each([
    "SELECT * FROM file('/etc/passwd')",
    "SELECT file('/etc/passwd')",
    "SELECT FILE ('/etc/passwd')",
    "SELECT `file`('/etc/passwd')",
    'SELECT "fi\\x6ce"(\'/etc/passwd\')',
    "SELECT file/* */('/etc/passwd')",
    "SELECT file -- \n ('/etc/passwd')",
    "SELECT * APPLY file FROM (SELECT '/etc/passwd' AS p)",
    "SELECT arrayMap(file, ['/etc/passwd'])",
    "DESCRIBE url('http://127.0.0.1/')",
    "DESCRIBE TABLE s3('http://127.0.0.1/b/x')",
    "SELECT * FROM executable('ls')",
    "EXPLAIN SELECT * FROM remote('127.0.0.1', 'd.t')",
    "SELECT hasColumnInTable('127.0.0.1', 'u', 'p', 'd', 't', 'c')",
    'KILL QUERY WHERE 1',
    'SET readonly = 0',
    'INSERT INTO t VALUES (1)',
    'INSERT INTO t FORMAT JSON',
    'INSERT INTO t SELECT 1',
    'DROP TABLE t',
    'SYSTEM SHUTDOWN',
  ])('may not ask %j', (sql) => {
    expect(() => {
      check(sql)
    }).toThrow(/^Code: (?:164|497)\./)
  })

  it.each(['file', 'FILE', 'fi\\x6ce'])('may not name a function by the Identifier parameter %j', (value) => {
    expect(() => {
      check("SELECT arrayMap({f:Identifier}, ['/etc/passwd'])", { f: value })
    }).toThrow('Code: 497.')
  })

  it.each([
    ['output_format_json_quote_64bit_integers', true],
    ['session_timezone', true],
    ['max_execution_time', true],
    ['output_format_schema', false],
    ['format_schema', false],
    ['format_template_row', false],
    ['readonly', false],
    ['max_memory_usage', false],
    ['allow_ddl', false],
    ['dialect', false],
    ['log_comment', true],
  ])('sets %s: %s', (name, may) => {
    expect(mayReadonlySet(name)).toBe(may)
  })
})

import { ClickHouseError } from '@clickhouse/client'
import { describe, expect, it } from 'vitest'
import { asStoreError } from './server-error.ts'

const serverError = (code: number, message = 'no', type = 'TYPE'): ClickHouseError =>
  new ClickHouseError({ code: String(code), message, type })

it.each([
  [202, 'TOO_MANY_SIMULTANEOUS_QUERIES', 'STORE_BUSY', true],
  [241, 'MEMORY_LIMIT_EXCEEDED', 'STORE_BUSY', true],
  [242, 'TABLE_IS_READ_ONLY', 'STORE_BUSY', true],
  [319, 'UNKNOWN_STATUS_OF_INSERT', 'STORE_UNAVAILABLE', true],
  [999, 'KEEPER_EXCEPTION', 'STORE_UNAVAILABLE', true],
  [53, 'TYPE_MISMATCH', 'DATA_REFUSED', false],
  [469, 'VIOLATED_CONSTRAINT', 'DATA_REFUSED', false],
  [60, 'UNKNOWN_TABLE', 'SCHEMA_MISSING', false],
  [516, 'AUTHENTICATION_FAILED', 'ACCESS_REFUSED', false],
  [62, 'SYNTAX_ERROR', 'STATEMENT_REFUSED', false],
])('maps server error %i %s to %s', (serverCode, type, code, retriable) => {
  const error = asStoreError(serverError(serverCode, 'no', type), 'insert into events')
  expect(error).toMatchObject({ code, retriable, serverCode })
  expect(error.message).toContain('insert into events')
  expect(error.message).toContain(type)
})

it('tells merges that lag from a batch over two partitions, which share a number', () => {
  const lagging = serverError(252, 'Too many parts (3000). Merges are processing significantly slower')
  const spanning = serverError(252, 'Too many partitions for single INSERT block (more than 1)')
  expect(asStoreError(lagging, 'insert')).toMatchObject({ code: 'STORE_BUSY', retriable: true })
  expect(asStoreError(spanning, 'insert')).toMatchObject({ code: 'BATCH_SPANS_PARTITIONS', retriable: false })
})

it('takes anything that is no answer of ClickHouse for unavailable', () => {
  const cause = new Error('connect ECONNREFUSED')
  expect(asStoreError(cause, 'ping')).toMatchObject({ code: 'STORE_UNAVAILABLE', retriable: true, cause })
})

describe('a materialized view that fails', () => {
  const failure = 'Cannot parse text: while pushing to view millrace.own_mv. '

  it('is told from refused rows, so that the insert is repeated and not cut', () => {
    const error = asStoreError(serverError(6, failure, 'CANNOT_PARSE_TEXT'), 'insert into events')
    expect(error).toMatchObject({ code: 'VIEW_REFUSED', retriable: true, serverCode: 6 })
    expect(error.message).toContain('materialized view')
  })

  it('for want of memory is busy', () => {
    expect(asStoreError(serverError(241, failure), 'insert')).toMatchObject({ code: 'STORE_BUSY' })
  })

  it('is not taken from the words of a row', () => {
    const row = "violated at row 1. Column values: title = 'x: while pushing to view millrace.own_mv'"
    for (const message of [row, `${row}.`, `${row}. `]) {
      expect(asStoreError(serverError(469, message), 'insert')).toMatchObject({ code: 'DATA_REFUSED' })
    }
  })
})

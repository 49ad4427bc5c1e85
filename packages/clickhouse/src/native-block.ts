import { unreachable } from '@millrace/runtime'
import type { ByteWriter } from './byte-writer.ts'
import { writeDecimal } from './decimal-text.ts'
import { StoreError } from './store-error.ts'
import { StringDictionary } from './string-dictionary.ts'
import type { Column, Table } from './table.ts'

/** Version of LowCardinality's serialization: shared dictionaries with additional keys. */
const lowCardinalityVersion = 1

/** Writes rows as one block of ClickHouse's Native format, column by column; its scratch memory is reused. */
export class NativeBlockEncoder {
  readonly #dictionary = new StringDictionary()

  /** @throws StoreError `DATA_REFUSED` with the place of a value that its column cannot hold */
  encode<Row>(table: Table<Row>, rows: readonly Row[], writer: ByteWriter): void {
    writer.varUint(table.columns.length)
    writer.varUint(rows.length)
    for (const column of table.columns) {
      writer.string(column.name)
      writer.string(column.type)
      this.#writeColumn(column, rows, writer)
    }
  }

  #writeColumn<Row>(column: Column<Row>, rows: readonly Row[], writer: ByteWriter): void {
    if (column.type === 'LowCardinality(String)') this.#writeLowCardinality(column, rows, writer)
    else if (column.type === 'Map(LowCardinality(String), String)') this.#writeMap(column, rows, writer)
    else if (column.type === 'UInt64') writeUint64Column(column, rows, writer)
    else writeFlatColumn(column, rows, writer)
  }

  #writeLowCardinality<Row>(
    column: Column<Row> & { type: 'LowCardinality(String)' },
    rows: readonly Row[],
    writer: ByteWriter,
  ): void {
    writer.int64(lowCardinalityVersion)
    // A dictionary of no rows has no bytes at all.
    if (rows.length === 0) return
    const start = this.#dictionary.begin(writer)
    for (let index = 0; index < rows.length; index++) {
      const value = column.read(rows[index] as Row)
      if (typeof value !== 'string') refuse(column, index, value)
      this.#dictionary.add(value, writer)
    }
    this.#dictionary.end(start, writer)
  }

  /** A map is an array of pairs: where each row's pairs end, then all names, then all values. */
  #writeMap<Row>(
    column: Column<Row> & { type: 'Map(LowCardinality(String), String)' },
    rows: readonly Row[],
    writer: ByteWriter,
  ): void {
    writer.int64(lowCardinalityVersion)
    let end = 0
    for (let index = 0; index < rows.length; index++) {
      const pairs = column.read(rows[index] as Row)
      if (!Array.isArray(pairs)) refuse(column, index, pairs)
      end += pairs.length
      writer.int64(end)
    }
    if (end === 0) return
    const start = this.#dictionary.begin(writer)
    for (let index = 0; index < rows.length; index++) {
      for (const [name] of column.read(rows[index] as Row)) {
        if (typeof name !== 'string') refuse(column, index, name)
        this.#dictionary.add(name, writer)
      }
    }
    this.#dictionary.end(start, writer)
    for (let index = 0; index < rows.length; index++) {
      for (const [, value] of column.read(rows[index] as Row)) {
        if (typeof value !== 'string') refuse(column, index, value)
        writer.string(value)
      }
    }
  }
}

type FlatType = Exclude<
  Column<never>['type'],
  'LowCardinality(String)' | 'Map(LowCardinality(String), String)' | 'UInt64'
>

function writeFlatColumn<Row>(
  column: Column<Row> & { type: FlatType },
  rows: readonly Row[],
  writer: ByteWriter,
): void {
  for (let index = 0; index < rows.length; index++) {
    const value = column.read(rows[index] as Row)
    if (!writeFlatValue(column.type, value, writer)) refuse(column, index, value)
  }
}

/** @returns false, with nothing written, when the type cannot hold the value */
function writeFlatValue(type: FlatType, value: unknown, writer: ByteWriter): boolean {
  switch (type) {
    case 'String':
      if (typeof value === 'string') writer.string(value)
      else if (Buffer.isBuffer(value)) writer.buffer(value)
      else return false
      return true
    case 'UInt8':
      if (typeof value !== 'number' || (value & 0xff) !== value) return false
      writer.uint8(value)
      return true
    case 'UInt16':
      if (typeof value !== 'number' || (value & 0xffff) !== value) return false
      writer.uint16(value)
      return true
    case 'UInt32':
    case "DateTime('UTC')":
      if (!isUint32(value)) return false
      writer.uint32(value)
      return true
    case 'Int32':
      if (typeof value !== 'number' || (value | 0) !== value) return false
      writer.uint32(value)
      return true
    case 'Int64':
      if (!Number.isSafeInteger(value)) return false
      writer.int64(value as number)
      return true
    case 'Bool':
      if (typeof value !== 'boolean') return false
      writer.uint8(value ? 1 : 0)
      return true
    case 'Decimal(18, 4)':
      return typeof value === 'string' && writeDecimal(value, writer)
    default:
      return unreachable(type)
  }
}

function writeUint64Column<Row>(
  column: Column<Row> & { type: 'UInt64' },
  rows: readonly Row[],
  writer: ByteWriter,
): void {
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index] as Row
    const value = column.read(row)
    switch (column.from) {
      case 'number':
        if (!Number.isSafeInteger(value) || (value as number) < 0) refuse(column, index, value)
        writer.int64(value as number)
        break
      case 'hex':
        if (!writeHex(value, writer)) refuse(column, index, value)
        break
      case 'halves': {
        const lower = column.readLower(row)
        if (!isUint32(value) || !isUint32(lower)) refuse(column, index, [value, lower])
        writer.halves(value, lower)
      }
    }
  }
}

/** @returns false, with nothing written, when the value is not 16 hex digits */
function writeHex(value: unknown, writer: ByteWriter): boolean {
  if (typeof value !== 'string' || value.length !== 16) return false
  const upper = hexWord(value, 0)
  const lower = hexWord(value, 8)
  if (upper === -1 || lower === -1) return false
  writer.halves(upper, lower)
  return true
}

/** @returns the 8 hex digits from `start` on as an unsigned number, or -1 */
function hexWord(text: string, start: number): number {
  let word = 0
  for (let index = start; index < start + 8; index++) {
    const code = text.charCodeAt(index)
    const digit = code - (code <= 0x39 ? 0x30 : (code | 0x20) === code ? 0x57 : 0x37)
    const isDigit = code <= 0x39 ? digit >= 0 : digit >= 10 && digit <= 15
    if (!isDigit) return -1
    word = word * 16 + digit
  }
  return word
}

function isUint32(value: unknown): value is number {
  return typeof value === 'number' && value >>> 0 === value
}

function refuse<Row>(column: Column<Row>, row: number, value: unknown): never {
  throw new StoreError(`row ${row}, column ${column.name}: ${column.type} cannot hold ${shown(value)}`, {
    code: 'DATA_REFUSED',
    place: { row, column: column.name },
  })
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 60 ? `${text.slice(0, 60)}...` : text
}

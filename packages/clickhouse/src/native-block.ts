import { unreachable } from '@millrace/runtime'
import { ByteWriter } from './byte-writer.ts'
import { writeDecimal } from './decimal-text.ts'
import { insertBytesMax } from './insert-settings.ts'
import { StoreError } from './store-error.ts'
import type { RowBlock } from './store.ts'
import { StringDictionary } from './string-dictionary.ts'
import type { Column, Table } from './table.ts'

/** Version of LowCardinality's serialization: shared dictionaries with additional keys. */
const lowCardinalityVersion = 1
/** A column's buffer at the start; most hold a byte or two for each row. */
const columnBytesAtStart = 1_024

/** One block of ClickHouse's Native format, column by column, from rows that come some at a time and are not kept. */
export class NativeBlock<Row> implements RowBlock<Row> {
  readonly table: Table<Row>
  readonly #columns: readonly ColumnData<Row>[]
  readonly #bytesMax: number
  #length = 0

  constructor(table: Table<Row>, bytesMax = insertBytesMax) {
    this.table = table
    this.#columns = table.columns.map(columnDataOf)
    this.#bytesMax = bytesMax
  }

  get length(): number {
    return this.#length
  }

  append(rows: readonly Row[]): void {
    let bytes = 0
    for (const column of this.#columns) {
      column.append(rows, this.#length)
      bytes += column.bytes
    }
    if (bytes > this.#bytesMax) throw tooLarge(this.#bytesMax)
    this.#length += rows.length
  }

  writeTo(writer: ByteWriter): void {
    const { columns } = this.table
    writer.varUint(columns.length)
    writer.varUint(this.#length)
    for (const [index, { name, type }] of columns.entries()) {
      writer.string(name)
      writer.string(type)
      this.#columns[index]?.writeTo(writer)
    }
  }
}

function tooLarge(bytesMax: number): StoreError {
  return new StoreError(`an insert would be larger than ${bytesMax} bytes`, { code: 'BATCH_TOO_LARGE' })
}

/** The values of one column so far. */
interface ColumnData<Row> {
  /** About, without the indexes of dictionaries. */
  readonly bytes: number
  /** @param before number of rows that the block holds already */
  append(rows: readonly Row[], before: number): void
  writeTo(writer: ByteWriter): void
}

function columnDataOf<Row>(column: Column<Row>): ColumnData<Row> {
  if (column.type === 'LowCardinality(String)') return new LowCardinalityData(column)
  if (column.type === 'Map(LowCardinality(String), String)') return new MapData(column)
  return new PlainData(column)
}

class LowCardinalityData<Row> implements ColumnData<Row> {
  readonly #column: Column<Row> & { type: 'LowCardinality(String)' }
  readonly #dictionary = new StringDictionary(columnWriter())

  constructor(column: Column<Row> & { type: 'LowCardinality(String)' }) {
    this.#column = column
  }

  get bytes(): number {
    return this.#dictionary.bytes
  }

  append(rows: readonly Row[], before: number): void {
    const column = this.#column
    const dictionary = this.#dictionary
    for (let index = 0; index < rows.length; index++) {
      const value = column.read(rows[index] as Row)
      if (typeof value !== 'string') refuse(column, before + index, value)
      dictionary.add(value)
    }
  }

  writeTo(writer: ByteWriter): void {
    writer.int64(lowCardinalityVersion)
    this.#dictionary.writeTo(writer)
  }
}

/** A map is an array of pairs: where each row's pairs end, then all names, then all values. */
class MapData<Row> implements ColumnData<Row> {
  readonly #column: Column<Row> & { type: 'Map(LowCardinality(String), String)' }
  readonly #ends = columnWriter()
  readonly #names = new StringDictionary(columnWriter())
  readonly #values = columnWriter()
  #end = 0

  constructor(column: Column<Row> & { type: 'Map(LowCardinality(String), String)' }) {
    this.#column = column
  }

  get bytes(): number {
    return this.#ends.length + this.#names.bytes + this.#values.length
  }

  append(rows: readonly Row[], before: number): void {
    const column = this.#column
    for (let index = 0; index < rows.length; index++) {
      const pairs = column.read(rows[index] as Row)
      if (!Array.isArray(pairs)) refuse(column, before + index, pairs)
      this.#end += pairs.length
      this.#ends.int64(this.#end)
      for (const [name, value] of pairs as readonly (readonly [string, string])[]) {
        if (typeof name !== 'string') refuse(column, before + index, name)
        if (typeof value !== 'string') refuse(column, before + index, value)
        this.#names.add(name)
        this.#values.string(value)
      }
    }
  }

  writeTo(writer: ByteWriter): void {
    writer.int64(lowCardinalityVersion)
    writer.raw(this.#ends.written())
    this.#names.writeTo(writer)
    writer.raw(this.#values.written())
  }
}

type PlainColumn<Row> = Exclude<
  Column<Row>,
  { type: 'LowCardinality(String)' | 'Map(LowCardinality(String), String)' }
>
type FlatType = Exclude<PlainColumn<never>['type'], 'UInt64'>

/** Values one after the other. */
class PlainData<Row> implements ColumnData<Row> {
  readonly #column: PlainColumn<Row>
  readonly #values = columnWriter()

  constructor(column: PlainColumn<Row>) {
    this.#column = column
  }

  get bytes(): number {
    return this.#values.length
  }

  append(rows: readonly Row[], before: number): void {
    const column = this.#column
    if (column.type === 'UInt64') appendUint64s(column, rows, { before, writer: this.#values })
    else appendFlat(column as FlatColumn<Row>, rows, { before, writer: this.#values })
  }

  writeTo(writer: ByteWriter): void {
    writer.raw(this.#values.written())
  }
}

function columnWriter(): ByteWriter {
  return new ByteWriter(insertBytesMax, columnBytesAtStart)
}

type FlatColumn<Row> = Column<Row> & { type: FlatType }

interface AppendTo {
  readonly before: number
  readonly writer: ByteWriter
}

function appendFlat<Row>(column: FlatColumn<Row>, rows: readonly Row[], { before, writer }: AppendTo): void {
  for (let index = 0; index < rows.length; index++) {
    const value = column.read(rows[index] as Row)
    if (!writeFlatValue(column.type, value, writer)) refuse(column, before + index, value)
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

function appendUint64s<Row>(
  column: Column<Row> & { type: 'UInt64' },
  rows: readonly Row[],
  { before, writer }: AppendTo,
): void {
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index] as Row
    const value = column.read(row)
    switch (column.from) {
      case 'number':
        if (!Number.isSafeInteger(value) || (value as number) < 0) refuse(column, before + index, value)
        writer.int64(value as number)
        break
      case 'hex':
        if (!writeHex(value, writer)) refuse(column, before + index, value)
        break
      case 'halves': {
        const lower = column.readLower(row)
        if (!isUint32(value) || !isUint32(lower)) refuse(column, before + index, [value, lower])
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

import { setImmediate } from 'node:timers/promises'
import { ChunkReader } from './chunk-reader.ts'
import { StoreError } from './store-error.ts'

/** Different texts of one result that are kept as one string each. */
const pooledTextsMax = 200_000
/** An index's width in bytes, by the lower byte of LowCardinality's flags. */
const indexWidths = [1, 2, 4] as const
/** Flags of LowCardinality: the only one a result has says that a dictionary comes with the block. */
const hasOwnDictionary = 1 << 9

/** Some rows of a result, column by column. */
export interface ResultBlock {
  readonly rows: number
  /** Of a `String` or `LowCardinality(String)`; equal values of the latter are one string throughout the result. */
  texts(column: string): readonly string[]
  /** Of a `UInt8`, `UInt16`, `UInt32`, or of a `DateTime('UTC')` as Unix seconds. */
  numbers(column: string): ArrayLike<number>
}

/**
 * Passes on the blocks of a result in Native format as they come.
 * @throws Error when the bytes end within a block; StoreError `STATEMENT_REFUSED` for a type that is not listed above
 */
export async function passBlocks(
  chunks: AsyncIterable<Uint8Array>,
  onBlock: (block: ResultBlock) => void,
): Promise<void> {
  const reader = new ChunkReader(chunks)
  const pool = new TextPool()
  while (!(await reader.isAtEnd())) {
    const columnCount = await reader.varUint()
    const rows = await reader.varUint()
    const columns = new Map<string, Values>()
    for (let index = 0; index < columnCount; index++) {
      const [name, type] = (await reader.texts(2)) as [string, string]
      columns.set(name, await readValues(reader, { type, rows, pool }))
    }
    if (rows > 0) onBlock(new ColumnBlock(rows, columns))
    // What is on its way already would else be decoded in one go, and heartbeats wait.
    await setImmediate()
  }
}

type Values = readonly string[] | ArrayLike<number>

class ColumnBlock implements ResultBlock {
  readonly rows: number
  readonly #columns: ReadonlyMap<string, Values>

  constructor(rows: number, columns: ReadonlyMap<string, Values>) {
    this.rows = rows
    this.#columns = columns
  }

  texts(column: string): readonly string[] {
    const values = this.#columns.get(column)
    if (!Array.isArray(values)) throw notRead(`no text column ${column}`)
    return values as readonly string[]
  }

  numbers(column: string): ArrayLike<number> {
    const values = this.#columns.get(column)
    if (values === undefined || Array.isArray(values)) throw notRead(`no number column ${column}`)
    return values as ArrayLike<number>
  }
}

interface ValuesOptions {
  readonly type: string
  readonly rows: number
  readonly pool: TextPool
}

async function readValues(reader: ChunkReader, { type, rows, pool }: ValuesOptions): Promise<Values> {
  switch (type) {
    case 'LowCardinality(String)':
      return rows === 0 ? [] : readLowCardinality(reader, rows, pool)
    case 'String':
      return reader.texts(rows)
    case 'UInt8':
      return numbersOf(await reader.bytes(rows), 1)
    case 'UInt16':
      return numbersOf(await reader.bytes(rows * 2), 2)
    case 'UInt32':
    case "DateTime('UTC')":
      return numbersOf(await reader.bytes(rows * 4), 4)
    default:
      throw notRead(`a column of type ${type}`)
  }
}

/** Version, flags, dictionary, and for each row the place of its value in the dictionary. */
async function readLowCardinality(reader: ChunkReader, rows: number, pool: TextPool): Promise<string[]> {
  await reader.uint64()
  const flags = await reader.uint64()
  const width = indexWidths[flags & 0xff]
  if (width === undefined || (flags & hasOwnDictionary) === 0)
    throw notRead(`a dictionary with flags ${flags}`)
  const dictionary = (await reader.texts(await reader.uint64())).map((text) => pool.same(text))
  const indexes = numbersOf(await reader.bytes((await reader.uint64()) * width), width)
  if (indexes.length !== rows) throw notRead('a dictionary of other rows')
  const texts = new Array<string>(rows)
  for (let row = 0; row < rows; row++) texts[row] = dictionary[indexes[row] ?? 0] ?? ''
  return texts
}

/** A copy: the bytes are gone with the next read. */
function numbersOf(bytes: Buffer, width: 1 | 2 | 4): ArrayLike<number> {
  if (width === 1) return new Uint8Array(bytes)
  const count = bytes.length / width
  const numbers = width === 2 ? new Uint16Array(count) : new Uint32Array(count)
  for (let index = 0; index < count; index++) {
    numbers[index] = width === 2 ? bytes.readUInt16LE(index * 2) : bytes.readUInt32LE(index * 4)
  }
  return numbers
}

/** Gives one string for equal texts, which else take their bytes once for each block they are in. */
class TextPool {
  readonly #texts = new Map<string, string>()

  same(text: string): string {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    if (this.#texts.size >= pooledTextsMax) this.#texts.clear()
    this.#texts.set(text, text)
    return text
  }
}

function notRead(what: string): StoreError {
  return new StoreError(`the result has ${what}, which is not read here`, { code: 'STATEMENT_REFUSED' })
}

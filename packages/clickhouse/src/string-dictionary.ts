import type { ByteWriter } from './byte-writer.ts'

/** Flags of a LowCardinality block: keys travel with the block, and the reader's dictionary is replaced. */
const hasAdditionalKeys = 1 << 9
const needsDictionaryUpdate = 1 << 10

const indexesAtStart = 256

/** The distinct strings of one column of one block, and per value its index among them. */
export class StringDictionary {
  readonly #indexOf = new Map<string, number>()
  readonly #keys: ByteWriter
  #indexes = new Uint32Array(indexesAtStart)
  #count = 0
  #lastValue: string | undefined
  #lastIndex = 0

  /** @param keys an empty writer for the distinct strings */
  constructor(keys: ByteWriter) {
    this.#keys = keys
  }

  /** Of the distinct strings. */
  get bytes(): number {
    return this.#keys.length
  }

  add(value: string): void {
    if (this.#count === this.#indexes.length) this.#grow()
    // Neighbours often share a value (site, country), and a comparison is cheaper than a look-up.
    if (value !== this.#lastValue) {
      let index = this.#indexOf.get(value)
      if (index === undefined) {
        index = this.#indexOf.size
        this.#indexOf.set(value, index)
        this.#keys.string(value)
      }
      this.#lastValue = value
      this.#lastIndex = index
    }
    this.#indexes[this.#count++] = this.#lastIndex
  }

  /** A dictionary of no values has no bytes at all. */
  writeTo(writer: ByteWriter): void {
    if (this.#count === 0) return
    const keys = this.#indexOf.size
    const width = keys <= 0x100 ? 1 : keys <= 0x10000 ? 2 : 4
    const indexType = width >>> 1 // UInt8, UInt16, UInt32 are 0, 1, 2
    writer.int64(indexType | hasAdditionalKeys | needsDictionaryUpdate)
    writer.int64(keys)
    writer.raw(this.#keys.written())
    writer.int64(this.#count)
    writer.indexes(this.#indexes, this.#count, width)
  }

  #grow(): void {
    const indexes = new Uint32Array(this.#indexes.length * 2)
    indexes.set(this.#indexes)
    this.#indexes = indexes
  }
}

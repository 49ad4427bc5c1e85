import type { ByteWriter } from './byte-writer.ts'

/** Flags of a LowCardinality block: keys travel with the block, and the reader's dictionary is replaced. */
const hasAdditionalKeys = 1 << 9
const needsDictionaryUpdate = 1 << 10

/** The distinct strings of one column of one block, and per value its index among them. */
export class StringDictionary {
  readonly #indexOf = new Map<string, number>()
  #indexes = new Uint32Array(1024)
  #count = 0
  #lastValue: string | undefined
  #lastIndex = 0

  /** Starts a column's values: the place of flags and key count is kept free, keys follow as they turn up. */
  begin(writer: ByteWriter): number {
    this.#indexOf.clear()
    this.#count = 0
    this.#lastValue = undefined
    const start = writer.length
    writer.int64(0)
    writer.int64(0)
    return start
  }

  add(value: string, writer: ByteWriter): void {
    if (this.#count === this.#indexes.length) this.#grow()
    // Neighbours often share a value (site, country), and a comparison is cheaper than a look-up.
    if (value !== this.#lastValue) {
      let index = this.#indexOf.get(value)
      if (index === undefined) {
        index = this.#indexOf.size
        this.#indexOf.set(value, index)
        writer.string(value)
      }
      this.#lastValue = value
      this.#lastIndex = index
    }
    this.#indexes[this.#count++] = this.#lastIndex
  }

  /** @param start what `begin` returned */
  end(start: number, writer: ByteWriter): void {
    const keys = this.#indexOf.size
    const width = keys <= 0x100 ? 1 : keys <= 0x10000 ? 2 : 4
    const indexType = width >>> 1 // UInt8, UInt16, UInt32 are 0, 1, 2
    writer.patchUint64(start, indexType | hasAdditionalKeys | needsDictionaryUpdate)
    writer.patchUint64(start + 8, keys)
    writer.int64(this.#count)
    writer.indexes(this.#indexes, this.#count, width)
  }

  #grow(): void {
    const indexes = new Uint32Array(this.#indexes.length * 2)
    indexes.set(this.#indexes)
    this.#indexes = indexes
  }
}

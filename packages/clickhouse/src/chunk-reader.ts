/** Reads little-endian values from bytes that come in chunks; waits only where they have not come yet. */
export class ChunkReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** Whether everything was read; waits for the next chunk to know. */
  async isAtEnd(): Promise<boolean> {
    return this.#at === this.#bytes.length && !(await this.#pull(1))
  }

  /** The next bytes, as a view that is valid until the next read. @throws Error when they end before */
  async bytes(length: number): Promise<Buffer> {
    if (this.#bytes.length - this.#at < length) await this.#need(length)
    const start = this.#at
    this.#at += length
    return this.#bytes.subarray(start, this.#at)
  }

  async varUint(): Promise<number> {
    for (;;) {
      const found = this.#varUintAt(this.#at)
      if (found !== undefined) {
        this.#at = found.end
        return found.value
      }
      await this.#need(this.#bytes.length - this.#at + 1)
    }
  }

  /** An unsigned 64-bit number below 2^53. */
  async uint64(): Promise<number> {
    const bytes = await this.bytes(8)
    return bytes.readUInt32LE(0) + bytes.readUInt32LE(4) * 2 ** 32
  }

  /** So many texts, each with its length before it. */
  async texts(count: number): Promise<string[]> {
    const texts = new Array<string>(count)
    for (let index = 0; index < count; index++) {
      let found = this.#textAt(this.#at)
      while (found === undefined) {
        await this.#need(this.#bytes.length - this.#at + 1)
        found = this.#textAt(this.#at)
      }
      texts[index] = found.value
      this.#at = found.end
    }
    return texts
  }

  #textAt(start: number): { readonly value: string; readonly end: number } | undefined {
    const length = this.#varUintAt(start)
    if (length === undefined) return undefined
    const end = length.end + length.value
    return end > this.#bytes.length
      ? undefined
      : { value: this.#bytes.toString('utf8', length.end, end), end }
  }

  #varUintAt(start: number): { readonly value: number; readonly end: number } | undefined {
    let value = 0
    for (let at = start, weight = 1; at < this.#bytes.length; at++, weight *= 128) {
      const byte = this.#bytes.readUInt8(at)
      value += (byte & 0x7f) * weight
      if (byte < 0x80) return { value, end: at + 1 }
    }
    return undefined
  }

  async #need(length: number): Promise<void> {
    if (!(await this.#pull(length))) throw new Error('the result ends in the middle of a block')
  }

  /** Waits until so many bytes are there. @returns false when they end before */
  async #pull(length: number): Promise<boolean> {
    const parts: Uint8Array[] = [this.#bytes.subarray(this.#at)]
    let total = this.#bytes.length - this.#at
    while (total < length) {
      const next = await this.#chunks.next()
      if (next.done === true) return false
      parts.push(next.value)
      total += next.value.length
    }
    this.#bytes = Buffer.concat(parts, total)
    this.#at = 0
    return true
  }
}

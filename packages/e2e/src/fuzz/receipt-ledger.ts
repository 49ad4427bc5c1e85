/** Which places of the raw log answers have named: a byte for each, since a run names millions. */
export class ReceiptLedger {
  readonly #protocols: string[] = []
  readonly #partitions = new Map<number, Uint8Array>()
  #count = 0

  /** Places that answers have named. */
  get count(): number {
    return this.#count
  }

  /**
   * @param receipt such as `3-17,0-4`
   * @param protocol of the route that answered; empty: not known
   * @returns what is wrong with it: it cannot be read, or names a place that an answer has named before
   */
  note(receipt: string, protocol: string): string | undefined {
    for (const place of receipt.split(',')) {
      const [, partition, offset] = /^(\d+)-(\d+)$/.exec(place) ?? []
      if (partition === undefined || offset === undefined) return `the receipt ${place} cannot be read`
      if (!this.#mark(Number(partition), Number(offset), this.#code(protocol))) {
        return `the place ${place} is named by two answers`
      }
      this.#count++
    }
    return undefined
  }

  /** The protocol whose answer named the place; undefined: none did. */
  protocolAt(partition: number, offset: number): string | undefined {
    const code = this.#partitions.get(partition)?.[offset] ?? 0
    return code === 0 ? undefined : this.#protocols[code - 1]
  }

  #code(protocol: string): number {
    const known = this.#protocols.indexOf(protocol)
    return known === -1 ? this.#protocols.push(protocol) : known + 1
  }

  #mark(partition: number, offset: number, code: number): boolean {
    let marks = this.#partitions.get(partition) ?? new Uint8Array(1_024)
    if (offset >= marks.length) {
      const larger = new Uint8Array(Math.max(2 * marks.length, offset + 1))
      larger.set(marks)
      marks = larger
    }
    this.#partitions.set(partition, marks)
    if (marks[offset] !== 0) return false
    marks[offset] = code
    return true
  }
}

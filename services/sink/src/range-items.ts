import type { LogRecord } from '@millrace/log'

/** Records of one partition in the order of the log, as they wait to be stored. */
export interface RangeItems<Items> {
  readonly length: number
  /** Never throws for bad data, and keeps nothing of the record's bytes without copying. */
  keep(record: LogRecord): void
  offsetAt(index: number): number
  /** Shares what is kept. */
  slice(from: number, to?: number): Items
}

/** Records that are read as they come, into an object each: for topics of few records. */
export class ItemList<Item extends { readonly offset: number }> implements RangeItems<ItemList<Item>> {
  readonly all: Item[]
  readonly #read: (record: LogRecord) => Item

  constructor(read: (record: LogRecord) => Item, all: Item[] = []) {
    this.#read = read
    this.all = all
  }

  get length(): number {
    return this.all.length
  }

  keep(record: LogRecord): void {
    this.all.push(this.#read(record))
  }

  offsetAt(index: number): number {
    return this.all[index]?.offset ?? NaN
  }

  slice(from: number, to?: number): ItemList<Item> {
    return new ItemList(this.#read, this.all.slice(from, to))
  }
}

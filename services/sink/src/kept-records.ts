import type { LogRecord } from '@millrace/log'
import { assert } from '@millrace/runtime'
import type { RangeItems } from './range-items.ts'

const slabBytes = 1 << 20

/** A record whose bytes lie among those of others. */
export interface KeptRecord {
  readonly offset: number
  readonly appendedAt: number
  readonly slab: Buffer
  readonly start: number
  readonly end: number
}

/** Room for copies of records, one after the other. */
export class RecordSlabs {
  #slab = Buffer.alloc(0)
  #used = 0

  /** @returns where in the slab the copy begins */
  copy(value: Buffer): { readonly slab: Buffer; readonly start: number } {
    if (this.#slab.length - this.#used < value.length) {
      this.#slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, value.length))
      this.#used = 0
    }
    const start = this.#used
    value.copy(this.#slab, start)
    this.#used += value.length
    return { slab: this.#slab, start }
  }
}

/**
 * Copies of a range's records: their bytes in slabs, where each lies in arrays of numbers. All of that lives until the range
 * is stored and costs the garbage collector next to nothing; an object for each record costs it a twentieth of all work,
 * decoded events a quarter.
 */
export class KeptRecords implements RangeItems<KeptRecords> {
  readonly #room: RecordSlabs
  #offsets: number[] = []
  #appendedAts: number[] = []
  #slabs: Buffer[] = []
  #starts: number[] = []
  #ends: number[] = []

  constructor(room: RecordSlabs) {
    this.#room = room
  }

  get length(): number {
    return this.#offsets.length
  }

  keep({ offset, appendedAt, value }: LogRecord): void {
    const { slab, start } = this.#room.copy(value)
    this.#offsets.push(offset)
    this.#appendedAts.push(appendedAt)
    this.#slabs.push(slab)
    this.#starts.push(start)
    this.#ends.push(start + value.length)
  }

  offsetAt(index: number): number {
    return this.#offsets[index] ?? NaN
  }

  /** @throws Error when there is none */
  at(index: number): KeptRecord {
    const slab = this.#slabs[index]
    assert(slab !== undefined, 'a record is kept there')
    return {
      offset: this.#offsets[index] ?? NaN,
      appendedAt: this.#appendedAts[index] ?? NaN,
      slab,
      start: this.#starts[index] ?? 0,
      end: this.#ends[index] ?? 0,
    }
  }

  slice(from: number, to?: number): KeptRecords {
    const part = new KeptRecords(this.#room)
    part.#offsets = this.#offsets.slice(from, to)
    part.#appendedAts = this.#appendedAts.slice(from, to)
    part.#slabs = this.#slabs.slice(from, to)
    part.#starts = this.#starts.slice(from, to)
    part.#ends = this.#ends.slice(from, to)
    return part
  }
}

/** As a view, valid as long as the record is kept. */
export function bytesOf({ slab, start, end }: KeptRecord): Buffer {
  return slab.subarray(start, end)
}

import { stat } from 'node:fs/promises'
import { LogError } from '../log-error.ts'
import { freeBytes } from './commit-failure.ts'
import type { Environment } from './environment.ts'
import { partitionEnd } from './rows.ts'

/** Sums are looked up again after this time: other threads and processes append too. */
const freshMsMax = 100

/** What LMDB's tree and free list take beside the chunks, as a share of the file: more than was ever seen. */
const treeShare = 0.1

const pageBytes = 4096

/** Refuses appends when the log has reached its size or its disk is nearly full, before LMDB would. */
export class Space {
  readonly #environment: Environment
  readonly #bytesMax: number
  readonly #diskFreeBytesMin: number
  #retainedBytes = 0
  #roomBytes = 0
  #lookedUpAt = -Infinity

  constructor(
    environment: Environment,
    limits: { readonly bytesMax: number; readonly diskFreeBytesMin: number },
  ) {
    this.#environment = environment
    this.#bytesMax = limits.bytesMax
    this.#diskFreeBytesMin = limits.diskFreeBytesMin
  }

  /** @throws LogError `LOG_FULL` when there is no room for so many more bytes */
  async take(bytes: number): Promise<void> {
    if (performance.now() - this.#lookedUpAt > freshMsMax) await this.#lookUp()
    if (this.#retainedBytes + bytes > this.#bytesMax) {
      throw full(`the log has reached its ${this.#bytesMax} bytes`)
    }
    if (this.#roomBytes - bytes < this.#diskFreeBytesMin) {
      throw full(`the log's disk has less than ${this.#diskFreeBytesMin} bytes to spare`)
    }
    this.#retainedBytes += bytes
    this.#roomBytes -= bytes
  }

  /** Bytes that the retained records take in the file. */
  retainedBytes(): number {
    this.#environment.snapshot()
    const sum = (kind: string): number =>
      this.#environment.rows([kind]).reduce((total, { key, row }) => total + partitionEnd(key, row).bytes, 0)
    return sum('head') - sum('low')
  }

  async #lookUp(): Promise<void> {
    const { file } = this.#environment
    const [diskBytes, { size }] = await Promise.all([freeBytes(file), stat(file)])
    this.#retainedBytes = this.retainedBytes()
    const unusedBytes = size * (1 - treeShare) - this.#retainedBytes
    this.#roomBytes = diskBytes + Math.max(0, unusedBytes)
    this.#lookedUpAt = performance.now()
  }
}

/** Bytes that a chunk takes in the file: whole pages from half a page on, plus its place in the tree. */
export function storedBytes(chunkBytes: number): number {
  const treeBytes = 64
  return chunkBytes < pageBytes / 2
    ? chunkBytes + treeBytes
    : Math.ceil((chunkBytes + treeBytes) / pageBytes) * pageBytes
}

function full(message: string): LogError {
  return new LogError(message, { code: 'LOG_FULL', retriable: true })
}

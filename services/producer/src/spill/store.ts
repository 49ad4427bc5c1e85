import { LogError, openDiskQueue, type AppendRecord, type DiskQueue } from '@millrace/log'
import type { SpillStore } from './appender.ts'
import * as directories from './directories.ts'
import { readRawPartitions, writeRawPartitions } from './raw-partitions.ts'
import { fromSpill, placedAmong, toSpill } from './record.ts'

export interface SpillOptions {
  /** Holds a directory for each producer that shares it. */
  readonly root: string
  /** Of this producer's own records. */
  readonly bytesMax: number
  /** The disk's reserve, which is left alone. Default 64 MiB. */
  readonly diskFreeBytesMin?: number
  /** A write that takes longer fails. */
  readonly writeMsMax: number
  /** Another producer has taken the directory while this process was frozen, and sends what waits in it: nothing may follow. */
  readonly onTaken: (error: unknown) => void
  /** What a producer has left for so long will not be fetched by its next start. */
  readonly leftBehindAfterMs: number
  /** What an ended producer left behind cannot be read: it stays as it is. */
  readonly onUnreadable: (error: unknown) => void
}

interface LeftBehind {
  readonly directory: directories.ClaimedDirectory
  readonly queue: DiskQueue
}

/**
 * The producer's own disk queue, and those that ended producers left behind. A queue exists only while something waits:
 * once all is drained its files are removed, so that neither space nor addresses stay taken.
 */
export class Spill implements SpillStore {
  readonly #options: SpillOptions
  #directory: directories.ClaimedDirectory
  #own: DiskQueue | undefined
  /** Their records go first. */
  #leftBehind: LeftBehind[] = []
  /** Whose records were looked at last. */
  #peeked: DiskQueue | undefined
  /** Partitions of the raw topic as the log says; undefined while it has not. */
  #rawPartitions: number | undefined
  /** Ends when the own queue's files are gone; never rejects. */
  #removing: Promise<unknown> = Promise.resolve()

  private constructor(options: SpillOptions) {
    this.#options = options
    this.#directory = directories.claimOwn(options.root)
  }

  /** Claims a directory, and opens what is left in it and in those of ended producers. @throws OptionsError */
  static async open(options: SpillOptions): Promise<Spill> {
    const spill = new Spill(options)
    while (directories.holdsSomething(spill.#directory) && !(await spill.#openLast())) {
      spill.#directory = directories.claimOwn(options.root)
    }
    await spill.adoptLeftBehind()
    return spill
  }

  /** Partitions that the raw topic had when a producer of this data directory last saw it. */
  get lastRawPartitions(): number | undefined {
    return readRawPartitions(this.#options.root)
  }

  /** What waits is placed among so many partitions from now on. @throws Error when it could not be kept for the next start */
  seeRawPartitions(count: number): void {
    this.#rawPartitions = count
    writeRawPartitions(this.#options.root, count)
  }

  get length(): number {
    const lengths = [...this.#leftBehind.map(({ queue }) => queue.length), this.#own?.length ?? 0]
    return lengths.reduce((sum, length) => sum + length)
  }

  /** Share of the own queue's room in use, 0 to 1. */
  get fill(): number {
    return this.#own?.fill ?? 0
  }

  async append(records: readonly AppendRecord[]): Promise<void> {
    const own = this.#own ?? (await this.#openOwn())
    await own.append(records.map(toSpill))
    // Looked at after the write: who took the directory before it may miss the records, who takes it later finds them.
    if (!this.#directory.lock.isHeld()) throw this.#taken()
  }

  peek(max: { readonly records: number; readonly bytes: number }): readonly AppendRecord[] {
    const count = this.#rawPartitions
    this.#peeked = this.#leftBehind.find(({ queue }) => queue.length > 0)?.queue ?? this.#own
    try {
      const records = this.#peeked?.peek(max).map(fromSpill) ?? []
      return count === undefined ? records : records.map((record) => placedAmong(record, count))
    } catch (cause) {
      const message = 'what was spilled cannot be read'
      throw new LogError(message, { code: 'LOG_UNAVAILABLE', retriable: true, cause })
    }
  }

  async drop(count: number): Promise<void> {
    const queue = this.#peeked
    await queue?.drop(count)
    const emptied = this.#leftBehind.find((left) => left.queue === queue && left.queue.length === 0)
    if (emptied === undefined) return
    this.#leftBehind = this.#leftBehind.filter((left) => left !== emptied)
    await emptied.queue.close()
    directories.removeFiles(emptied.directory)
    emptied.directory.lock.release()
  }

  /** Takes over what producers of this data directory left behind when they ended. @returns whether there was something */
  async adoptLeftBehind(): Promise<boolean> {
    const { root, leftBehindAfterMs } = this.#options
    const before = this.#leftBehind.length
    for (const directory of directories.claimLeftBehind(root, leftBehindAfterMs)) {
      try {
        await this.#adopt(directory)
      } catch (error) {
        this.#options.onUnreadable(error) // and stays claimed, so that it is not tried for ever
      }
    }
    return this.#leftBehind.length > before
  }

  /** Removes the own queue's files when nothing is in it. */
  async rest(): Promise<void> {
    const own = this.#own
    if (own === undefined || own.length > 0) return
    this.#own = undefined
    const removing = own.close().then(() => {
      directories.removeFiles(this.#directory)
    })
    this.#removing = removing.catch(() => undefined) // who called hears of it
    await removing
  }

  /** Lets go of all directories; what waits in them stays. */
  async close(): Promise<void> {
    await this.#removing
    await this.rest()
    const queues = [this.#own, ...this.#leftBehind.map(({ queue }) => queue)]
    const claimed = [this.#directory, ...this.#leftBehind.map(({ directory }) => directory)]
    this.#own = undefined
    this.#leftBehind = []
    for (const queue of queues) await queue?.close()
    for (const directory of claimed) directories.leave(directory)
  }

  /** @returns false when the own directory cannot be used; it stays claimed, and as it is */
  async #openLast(): Promise<boolean> {
    try {
      await this.#openOwn()
      await this.rest()
      return true
    } catch (error) {
      this.#options.onUnreadable(error)
      return false
    }
  }

  #taken(): LogError {
    const message = `${this.#directory.path} was taken by another producer while this one was frozen`
    const error = new LogError(message, { code: 'LOG_UNAVAILABLE', retriable: false })
    this.#options.onTaken(error)
    return error
  }

  async #openOwn(): Promise<DiskQueue> {
    await this.#removing
    if (!this.#directory.lock.isHeld()) this.#directory = directories.claimOwn(this.#options.root)
    this.#own = await this.#openQueue(this.#directory)
    return this.#own
  }

  async #adopt(directory: directories.ClaimedDirectory): Promise<void> {
    const queue = directories.holdsSomething(directory) ? await this.#openQueue(directory) : undefined
    if (queue !== undefined && queue.length > 0) {
      this.#leftBehind.push({ directory, queue })
      return
    }
    await queue?.close()
    directories.removeFiles(directory)
    directory.lock.release()
  }

  #openQueue({ path }: directories.ClaimedDirectory): Promise<DiskQueue> {
    const { bytesMax, diskFreeBytesMin, writeMsMax } = this.#options
    return openDiskQueue({
      directory: path,
      bytesMax,
      writeMsMax,
      ...(diskFreeBytesMin === undefined ? {} : { diskFreeBytesMin }),
    })
  }
}

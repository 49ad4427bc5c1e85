import { LogError } from '../log-error.ts'
import type { FollowOptions } from '../log.ts'
import type { KafkaClient } from './client.ts'
import { Fetcher } from './fetcher.ts'
import { PartitionBuffer } from './partition-buffer.ts'

/** New records are passed on as they come; without any, the fetch is repeated twice a second. */
const fetchLimits = { waitMsMax: 500, bytesMin: 1, bytesMax: 16_777_216 }
const bufferBytesMax = 4_194_304
const connectMsMax = 30_000
const fetchTroubleMsMax = 60_000
const takeRecordsMax = 1_000

/** Follows one partition without a group: nothing is committed, and nobody else is disturbed. */
export class Follower {
  readonly #client: KafkaClient
  readonly #options: FollowOptions
  readonly #stopping = new AbortController()
  #following: Promise<void> | undefined

  constructor(client: KafkaClient, options: FollowOptions) {
    this.#client = client
    this.#options = options
  }

  /** Resolves when the records that are there now have been passed on. @throws LogError `UNKNOWN_TOPIC`, `LOG_UNAVAILABLE` */
  async start(): Promise<void> {
    const { topic, partition, onError } = this.#options
    await this.#client.connect({ topics: [topic], msMax: connectMsMax })
    const marks = await this.#watermarks()
    const fetcher = new Fetcher(this.#client, { topic, limits: fetchLimits, troubleMsMax: fetchTroubleMsMax })
    const buffer = new PartitionBuffer({
      topic,
      partition,
      position: marks.low,
      highWatermark: marks.high,
      bytesMax: bufferBytesMax,
      onWanted: () => {
        fetcher.kick()
      },
    })
    fetcher.start([buffer])
    this.#stopping.signal.addEventListener('abort', () => {
      fetcher.stop()
    })
    let position = marks.low
    const pass = async (until: () => boolean): Promise<void> => {
      while (!this.#stopping.signal.aborted && !until()) position = await this.#passOn(buffer, position)
    }
    await pass(() => position >= marks.high)
    this.#following = pass(() => false).catch(onError)
  }

  /** @returns the offset after the last record that was passed on */
  async #passOn(buffer: PartitionBuffer, position: number): Promise<number> {
    try {
      const records = buffer.take(takeRecordsMax)
      for (const record of records) this.#options.onRecord(record)
      const last = records.at(-1)
      if (last !== undefined) return last.offset + 1
      await buffer.untilSomething(fetchLimits.waitMsMax, this.#stopping.signal)
      return position
    } catch (error) {
      if (!(error instanceof LogError) || error.code !== 'OFFSET_OUT_OF_RANGE') throw error
      // Retention went past it: what is promised is every record that is still there.
      const { low } = await this.#watermarks()
      if (low <= position) throw error
      buffer.seek(low)
      return low
    }
  }

  async #watermarks() {
    const { topic, partition } = this.#options
    const [marks] = await this.#client.untilItPasses('reading the watermarks', { msMax: connectMsMax }, () =>
      this.#client.watermarks(topic, [partition]),
    )
    return marks ?? { partition, low: 0, high: 0 }
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#following
    await this.#client.close()
  }
}

import type { AppendRecord } from '../log.ts'
import { recordOverheadMax } from './record-batch.ts'

/** The records of one partition in one round, with their places in the caller's list. */
export interface RoundBatch {
  readonly topic: string
  readonly partition: number
  readonly records: AppendRecord[]
  readonly indexes: number[]
}

export interface RoundLimits {
  /** Of keys and values in one partition's batch; a single record may be larger. */
  readonly batchBytesMax: number
  /** Of all batches of a round. */
  readonly roundBytesMax: number
}

/**
 * Cuts an append into rounds that are sent one after the other, each with at most one batch for a partition. A round
 * ends where a batch would grow too large, so the order within a partition holds.
 */
export function planRounds(records: readonly AppendRecord[], limits: RoundLimits): readonly RoundBatch[][] {
  const rounds: RoundBatch[][] = []
  let round = new Map<string, { batch: RoundBatch; bytes: number }>()
  let roundBytes = 0
  const finish = (): void => {
    if (round.size > 0) rounds.push([...round.values()].map(({ batch }) => batch))
    round = new Map()
    roundBytes = 0
  }
  records.forEach((record, index) => {
    const { topic, partition } = record
    const bytes = (record.key?.length ?? 0) + record.value.length + recordOverheadMax
    const place = `${partition}:${topic}`
    const open = round.get(place)
    const isBatchFull = open !== undefined && open.bytes + bytes > limits.batchBytesMax
    const isRoundFull = round.size > 0 && roundBytes + bytes > limits.roundBytesMax
    if (isBatchFull || isRoundFull) finish()
    const entry = round.get(place) ?? { batch: { topic, partition, records: [], indexes: [] }, bytes: 0 }
    entry.batch.records.push(record)
    entry.batch.indexes.push(index)
    entry.bytes += bytes
    roundBytes += bytes
    round.set(place, entry)
  })
  finish()
  return rounds
}

import type { AppendRecord } from '@millrace/log'

/** Records of one partition in batches of one size, as they are appended. */
export interface RecordBatches {
  readonly batches: readonly (readonly AppendRecord[])[]
  readonly records: number
  /** Of keys and values. */
  readonly bytes: number
}

/**
 * Values repeated in turn until there are `records` of them, all for partition 0 of a topic.
 * @param values at least one
 */
export function recordBatches(
  values: readonly Buffer[],
  { topic, records, batchRecords }: { topic: string; records: number; batchRecords: number },
): RecordBatches {
  const batches: AppendRecord[][] = []
  let bytes = 0
  for (let first = 0; first < records; first += batchRecords) {
    const count = Math.min(batchRecords, records - first)
    const batch = Array.from({ length: count }, (_, index) => {
      const value = values[(first + index) % values.length]
      if (value === undefined) throw new Error('no values to append')
      bytes += value.length
      return { topic, partition: 0, key: null, value }
    })
    batches.push(batch)
  }
  return { batches, records, bytes }
}

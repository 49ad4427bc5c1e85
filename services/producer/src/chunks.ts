import type { AppendRecord } from '@millrace/log'

/** Cuts records into chunks of at most so many records and value bytes, in order; one record always fits. */
export function chunksOf(
  records: readonly AppendRecord[],
  limits: { readonly recordsMax: number; readonly bytesMax: number },
): (readonly AppendRecord[])[] {
  if (records.length === 1) return [records]
  const chunks: (readonly AppendRecord[])[] = []
  let from = 0
  let bytes = 0
  for (const [index, { value }] of records.entries()) {
    const isFull = index - from === limits.recordsMax || bytes + value.length > limits.bytesMax
    if (isFull && index > from) {
      chunks.push(records.slice(from, index))
      from = index
      bytes = 0
    }
    bytes += value.length
  }
  if (from < records.length) chunks.push(records.slice(from))
  return chunks
}

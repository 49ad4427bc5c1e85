import { NeighbourError } from '@millrace/runtime'
import * as z from 'zod'
import { ProducerSequences } from './producer-sequences.ts'

/** Of a metadata text; the log takes 4,000. */
const metadataBytesMax = 3_500
/** Room for the number of instances left out, at the end. */
const leftOutBytesMax = ',"leftOut":99999'.length

const metadataSchema = z.strictObject({
  /** Producer instance to its last sequence below the committed offset, the one that wrote last first. */
  producers: z.record(z.string(), z.number()),
  /** Instances that were known but did not fit. */
  leftOut: z.number().int().min(1).optional(),
})

export interface CommittedSequences {
  readonly sequences: ProducerSequences
  /** Whether the committer knew no other instance, so that nothing more is to be found before the position. */
  readonly isComplete: boolean
}

/**
 * Metadata of a committed offset: the last sequences of the producer instances that wrote last, as many as fit. An
 * instance may repeat its last batch hours later (what it spilled to its disk, an import that is started again), long
 * after that batch has left any stretch that can be read back.
 */
export function encodeSequences(sequences: ProducerSequences): string {
  const entries: string[] = []
  let bytes = '{"producers":{}}'.length + leftOutBytesMax
  for (const { producerId, producerSequence } of sequences.newestFirst()) {
    const entry = `${JSON.stringify(producerId)}:${producerSequence}`
    bytes += Buffer.byteLength(entry) + 1
    if (bytes > metadataBytesMax) break
    entries.push(entry)
  }
  const leftOut = sequences.size - entries.length
  return `{"producers":{${entries.join(',')}}${leftOut > 0 ? `,"leftOut":${leftOut}` : ''}}`
}

/**
 * @param committed a position without metadata is one that an operator's tool or an earlier release has committed
 * @throws NeighbourError `METADATA_NOT_UNDERSTOOD`: going on without this memory could store events twice
 */
export function decodeSequences(committed: {
  readonly offset: number
  readonly metadata: string
}): CommittedSequences {
  const sequences = new ProducerSequences()
  if (committed.metadata === '') return { sequences, isComplete: false }
  const decoded = metadataSchema.safeParse(parsed(committed.metadata))
  if (!decoded.success) {
    throw new NeighbourError(
      `the committed offset ${committed.offset} carries metadata that is not understood: ${committed.metadata}`,
      { code: 'METADATA_NOT_UNDERSTOOD', retriable: false },
    )
  }
  const { producers, leftOut } = decoded.data
  for (const [producerId, producerSequence] of Object.entries(producers).reverse()) {
    sequences.admit({ producerId, producerSequence })
  }
  return { sequences, isComplete: leftOut === undefined }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

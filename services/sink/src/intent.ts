import { NeighbourError } from '@millrace/runtime'
import * as z from 'zod'

const offset = z.number().int().min(0)
/** -1 before the first record. */
const rawOffset = z.number().int().min(-1)

const intentSchema = z
  .strictObject({ first: offset, last: offset, raw: rawOffset, split: offset.optional() })
  .refine(({ first, last, split }) => first <= last && (split === undefined || first <= split))
const progressSchema = z.strictObject({ raw: rawOffset, split: offset.optional() })

/**
 * Metadata of a committed offset, fewer than 200 bytes. With `first` and `last` an intent: the records of this range are
 * inserted next or were inserted last, under the tokens of this range; `first` is the committed offset. Without them,
 * everything below the committed offset is stored. `raw` is the greatest raw offset below the committed offset.
 * `split`: an insert of a range up to this offset was refused for its rows, so the range goes in parts; rows up to there
 * may be stored already under a token of the whole. It stays in the metadata until everything up to there is stored,
 * whoever stores it.
 */
export type CommitMetadata = Intent | Progress
export type Intent = z.infer<typeof intentSchema>
export type Progress = z.infer<typeof progressSchema>

export function encodeMetadata(metadata: CommitMetadata): string {
  return JSON.stringify(metadata)
}

/**
 * @returns undefined for a position without metadata, as an operator's tool commits it
 * @throws NeighbourError `METADATA_NOT_UNDERSTOOD`: going on could lose or double a range
 */
export function decodeMetadata(committed: {
  readonly offset: number
  readonly metadata: string
}): CommitMetadata | undefined {
  if (committed.metadata === '') return undefined
  const decoded = z.union([intentSchema, progressSchema]).safeParse(parsed(committed.metadata))
  if (decoded.success && (!isIntent(decoded.data) || decoded.data.first === committed.offset)) {
    return decoded.data
  }
  throw new NeighbourError(
    `the committed offset ${committed.offset} carries metadata that is not understood: ${committed.metadata}`,
    { code: 'METADATA_NOT_UNDERSTOOD', retriable: false },
  )
}

export function isIntent(metadata: CommitMetadata): metadata is Intent {
  return 'first' in metadata
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

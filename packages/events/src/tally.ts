import * as z from 'zod'
import { UndecodableRecordError } from './undecodable-record-error.ts'

const whole = z.number().int().min(0)

/** Page, site, minute of receipt (Unix seconds), raw partition, events, greatest raw offset among them. */
const tallyCountSchema = z.tuple([whole, z.string(), whole.max(2 ** 32 - 1), whole.max(65_535), whole, whole])

const tallySchema = z.object({
  /** Who counted: a run of a producer, an import, a requeue. */
  counterId: z.string(),
  /**
   * Totals of pages so far. A counter begins every page at zero, and within a page its numbers only grow: a tally that comes
   * twice, or late, changes nothing.
   */
  counts: z.array(tallyCountSchema),
})

/** Value of a record of the books: how many events a counter has seen accepted, by site, minute and raw partition. */
export type Tally = z.infer<typeof tallySchema>
export type TallyCount = z.infer<typeof tallyCountSchema>

export function encodeTally(tally: Tally): Buffer {
  return Buffer.from(JSON.stringify(tally))
}

/** @throws UndecodableRecordError when the bytes are not a tally. */
export function decodeTally(value: Buffer): Tally {
  try {
    return tallySchema.parse(JSON.parse(value.toString('utf8')))
  } catch (cause) {
    throw new UndecodableRecordError('not a tally', { cause })
  }
}

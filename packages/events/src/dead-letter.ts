import * as z from 'zod'
import { UndecodableRecordError } from './undecodable-record-error.ts'

const deadLetterSchema = z.object({
  /** The service that could not handle the record. */
  stage: z.enum(['enricher', 'sink']),
  cause: z.string(),
  /** The record's value, base64. */
  record: z.string(),
  /** Where the record lies. */
  topic: z.string(),
  partition: z.number(),
  offset: z.number(),
  /** Unix milliseconds. */
  failedAt: z.number(),
})

/** Value of a dead-letter record: the bytes, the cause, where it came from. */
export type DeadLetter = z.infer<typeof deadLetterSchema>
export type DeadLetterStage = DeadLetter['stage']

export function encodeDeadLetter(letter: DeadLetter): Buffer {
  return Buffer.from(JSON.stringify(letter))
}

/** @throws UndecodableRecordError when the bytes are not a dead letter. */
export function decodeDeadLetter(value: Buffer): DeadLetter {
  try {
    return deadLetterSchema.parse(JSON.parse(value.toString('utf8')))
  } catch (cause) {
    throw new UndecodableRecordError('not a dead letter', { cause })
  }
}

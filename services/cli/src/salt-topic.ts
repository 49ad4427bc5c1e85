import {
  decodeSaltRecord,
  saltForgottenAt,
  saltLifeMs,
  topics,
  UndecodableRecordError,
} from '@millrace/events'
import type { Log } from '@millrace/log'

/** Kafka's part: a segment of an hour, the check of every five minutes, the delay of a minute before the file goes. */
const leavesKafkaMs = 66 * 60_000
/** The embedded log looks every ten seconds. */
const leavesEmbeddedMs = 10_000

/** A salt record that the topic still holds. */
export interface RetainedSalt {
  readonly day: string
  readonly bytes: Buffer
  readonly offset: number
  /** Unix milliseconds, as the next ones. */
  readonly appendedAt: number
  readonly usedUntil: number
  /** When it has left the log for good, at the latest. */
  readonly goneAt: number
}

/** Every salt record that the log holds now, in order. @throws LogError `UNKNOWN_TOPIC`, `LOG_UNAVAILABLE` */
export async function readSaltTopic(
  log: Pick<Log, 'follow'>,
  { isKafka }: { readonly isKafka: boolean },
): Promise<RetainedSalt[]> {
  const salts: RetainedSalt[] = []
  const errors: unknown[] = []
  const following = await log.follow({
    topic: topics.salts,
    partition: 0,
    onRecord: ({ offset, value, appendedAt }) => {
      const salt = decodeSaltRecord(value)
      if (salt instanceof UndecodableRecordError) return
      const { day, bytes } = salt
      const usedUntil = saltForgottenAt(day, appendedAt)
      const goneAt = appendedAt + saltLifeMs + (isKafka ? leavesKafkaMs : leavesEmbeddedMs)
      salts.push({ day, bytes, offset, appendedAt, usedUntil, goneAt })
    },
    onError: (error) => errors.push(error),
  })
  await following.stop()
  if (errors.length > 0) throw new Error('the salts could not be read', { cause: errors[0] })
  return salts
}

import type { Store } from '@millrace/clickhouse'
import { decodeRawEvent, encodeRawEvent, topics, UndecodableRecordError } from '@millrace/events'
import { openLog, type AppendRecord } from '@millrace/log'
import { describeError } from '@millrace/runtime'
import { SingleBar } from 'cli-progress'
import type { CommandContext } from './command.ts'

/** Letters that are read, appended and taken off the table together. */
const lettersPerStep = 500

/** A letter's place in the topic it was read from. */
export interface LetterPlace {
  readonly partition: number
  readonly offset: number
}

export interface Letter {
  /** Text, as all 64-bit integers of a query. */
  readonly partition: string | number
  readonly offset: string | number
  /** Base64. */
  readonly record: string
}

/**
 * Sends dead letters of the enricher again, into the partition they came from, and takes each off the table once the log
 * has it. A crash in between sends a letter twice under the same identity, which the enricher passes over.
 * Letters that are still no raw events stay. Letters of the sink stay too: their raw records are gone by.
 * @param places none: all
 * @returns the exit code: 1 when some stay
 */
export async function requeueLetters(
  places: readonly LetterPlace[],
  context: CommandContext & { readonly store: Store },
): Promise<number> {
  const { store, terminal, config } = context
  const letters = await store.query<{ count: string }>(`SELECT count() AS count ${lettersOf(places)}`)
  const total = Number(letters[0]?.count ?? 0)
  const bar = terminal.isInteractive ? new SingleBar({ format: '{bar} {value}/{total}' }) : undefined
  bar?.start(total, 0)
  const log = await openLog(config, { clientId: 'millrace-requeue' })
  let sent = 0
  let kept = 0
  try {
    const appender = await log.appender()
    for (;;) {
      const step = await store.query<Letter>(
        `SELECT kafka_partition AS partition, kafka_offset AS offset, base64Encode(record) AS record
         ${lettersOf(places)} ORDER BY kafka_partition, kafka_offset LIMIT ${lettersPerStep} OFFSET ${kept}`,
      )
      if (step.length === 0) break
      const { records, taken, refused } = recordsOf(step)
      for (const { letter, cause } of refused) {
        terminal.warn(`${letter.partition}-${letter.offset} stays: ${cause}`)
      }
      if (records.length > 0) await appender.append(records)
      if (taken.length > 0) await store.command(`DELETE FROM dead_letters WHERE ${isOneOf(taken)}`)
      sent += taken.length
      kept += refused.length
      bar?.update(sent + kept)
    }
    await appender.close()
  } finally {
    bar?.stop()
    await log.close()
  }
  terminal.print(`sent ${sent} again, ${kept} stay`)
  return kept === 0 ? 0 : 1
}

/** The raw records to append, and which letters they are; the others with why not. Pure. */
export function recordsOf(letters: readonly Letter[]): {
  records: AppendRecord[]
  taken: LetterPlace[]
  refused: { letter: Letter; cause: string }[]
} {
  const records: AppendRecord[] = []
  const taken: LetterPlace[] = []
  const refused: { letter: Letter; cause: string }[] = []
  for (const letter of letters) {
    const place = { partition: Number(letter.partition), offset: Number(letter.offset) }
    try {
      // Under its old identity the enricher would take it for a repeat; this one is the same at every try.
      const producerId = `requeue-${place.partition}-${place.offset}`
      const raw = { ...decodeRawEvent(Buffer.from(letter.record, 'base64')), producerId, producerSequence: 1 }
      records.push({ topic: topics.raw, partition: place.partition, key: null, value: encodeRawEvent(raw) })
      taken.push(place)
    } catch (error) {
      if (!(error instanceof UndecodableRecordError)) throw error
      refused.push({ letter, cause: describeError(error) })
    }
  }
  return { records, taken, refused }
}

function lettersOf(places: readonly LetterPlace[]): string {
  const named = places.length === 0 ? '' : `AND ${isOneOf(places)}`
  return `FROM dead_letters FINAL WHERE stage = 'enricher' AND topic = '${topics.raw}' ${named}`
}

function isOneOf(places: readonly LetterPlace[]): string {
  const tuples = places.map(({ partition, offset }) => `(${partition}, ${offset})`)
  return `topic = '${topics.raw}' AND (kafka_partition, kafka_offset) IN (${tuples.join(', ')})`
}

import { randomUUID } from 'node:crypto'
import { acceptedEventsTable, deadLettersTable, type Store } from '@millrace/clickhouse'
import { openLog, type AppendRecord, type Log, type LogAppender, type Position } from '@millrace/log'
import { SingleBar } from 'cli-progress'
import type { CommandContext } from './command.ts'
import { lettersOf, type Letter, type LetterPlace, type LetterSelection } from './letter.ts'
import { movedEvents } from './moved-events.ts'
import { resendOf } from './resend.ts'

/** Letters that are read, appended and marked together; one may hold 600,000 bytes. */
const lettersPerStep = 100

interface Tally {
  sent: number
  kept: number
}

/**
 * Sends the raw events of dead letters again, into the partitions they came from, and marks each letter as `requeued` once
 * the log has its event; the row stays without its bytes, because the audit counts it in its place.
 * A crash in between sends an event twice under the same identity, which the enricher passes over.
 * @returns the exit code: 1 when some stay, or when a named place has no letter
 */
export async function requeueLetters(
  selection: LetterSelection,
  context: CommandContext & { readonly store: Store },
): Promise<number> {
  const { store, terminal, config } = context
  const [counts] = await store.query<{ count: string }>(`SELECT count() AS count ${lettersOf(selection)}`)
  const total = Number(counts?.count ?? 0)
  const bar = terminal.isInteractive ? new SingleBar({ format: '{bar} {value}/{total}' }) : undefined
  const log = await openLog(config, { clientId: 'millrace-requeue' })
  const tally = { sent: 0, kept: 0 }
  try {
    bar?.start(total, 0)
    const appender = await log.appender()
    for await (const letters of inSteps(store, selection)) {
      await requeueStep(letters, { ...context, log, appender, tally })
      bar?.update(tally.sent + tally.kept)
    }
    await appender.close()
  } finally {
    bar?.stop()
    await log.close()
  }
  const missing = selection.places.length === 0 ? 0 : selection.places.length - total
  if (missing > 0) terminal.warn(`${missing} of the places have no letter that waits`)
  terminal.print(`sent ${tally.sent} again, ${tally.kept} stay`)
  return tally.kept + missing === 0 ? 0 : 1
}

/** The letters in the order of their places; what comes or goes meanwhile moves nothing. */
async function* inSteps(
  store: Pick<Store, 'query'>,
  selection: LetterSelection,
): AsyncGenerator<readonly Letter[]> {
  let after: LetterPlace | undefined
  for (;;) {
    const letters = await store.query<Letter>(
      `SELECT toUnixTimestamp(timestamp) AS failedAt, cause, base64Encode(record) AS record, topic,
         kafka_partition AS partition, toUInt64(kafka_offset) AS offset
       ${lettersOf(selection, after)} ORDER BY topic, kafka_partition, kafka_offset LIMIT ${lettersPerStep}`,
    )
    const last = letters.at(-1)
    if (last === undefined) return
    yield letters
    after = { topic: last.topic, partition: Number(last.partition), offset: Number(last.offset) }
  }
}

async function requeueStep(
  letters: readonly Letter[],
  context: CommandContext & {
    readonly store: Store
    readonly log: Pick<Log, 'read'>
    readonly appender: LogAppender
    readonly tally: Tally
  },
): Promise<void> {
  const { log, appender, store, terminal, tally } = context
  const taken: Letter[] = []
  const records: AppendRecord[] = []
  for (const letter of letters) {
    const resend = await resendOf(letter, log)
    if ('cause' in resend) {
      terminal.warn(`${letter.topic} ${letter.partition}-${letter.offset} stays: ${resend.cause}`)
      tally.kept++
    } else {
      records.push(resend)
      taken.push(letter)
    }
  }
  if (taken.length === 0) return
  const positions = await appender.append(records)
  await bookMoves(store, records, positions)
  await markRequeued(store, taken)
  tally.sent += taken.length
}

/** Before the letters go, so that the books do not miss their events meanwhile. */
async function bookMoves(
  store: Store,
  records: readonly AppendRecord[],
  positions: readonly Position[],
): Promise<void> {
  const counterId = `requeue-${randomUUID()}`
  const rows = movedEvents(records, positions, { counterId, now: Date.now() / 1000 })
  await store.insert({ table: acceptedEventsTable, rows, token: counterId })
}

/** A row of the same place takes the letter's place. */
async function markRequeued(store: Store, letters: readonly Letter[]): Promise<void> {
  const rows = letters.map(({ failedAt, cause, topic, partition, offset }) => ({
    timestamp: Number(failedAt),
    stage: 'requeued',
    cause,
    record: Buffer.alloc(0),
    topic,
    kafkaPartition: Number(partition),
    kafkaOffset: Number(offset),
  }))
  await store.insert({ table: deadLettersTable, rows, token: `requeued:${randomUUID()}` })
}

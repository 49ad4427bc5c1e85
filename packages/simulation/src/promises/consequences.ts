import { decodeEnrichedRecord, decodeRawEvent, topics } from '@millrace/events'
import type { SentEvent } from '../pipeline/visitors.ts'
import type { World } from '../pipeline/world.ts'
import { identityOf, storedRows } from './stored-rows.ts'

/** What faults led to, so that a report shows which protections had work to do. */
export type Consequence =
  | 'raw records written again'
  | 'enriched records written again'
  | 'inserts known by their token'
  | 'intents found by a successor'
  | 'commits refused'
  | 'generations of groups'
  | 'rows refused by the store'
  | 'client repeats dropped'
  | 'receipts that name a repeat'

export function consequences(world: World, sent: readonly SentEvent[]): ReadonlyMap<Consequence, number> {
  const { logServer, storeServer } = world
  const { broker } = logServer
  const { inserts, deadLetters, drops } = storeServer.tables
  const tokens = inserts.map(({ table, token }) => `${table} ${token}`)
  const raw = broker.partitions(topics.raw).map(({ records }) =>
    repeats(records, (value) => {
      const { producerId, producerSequence } = decodeRawEvent(value)
      return `${producerId} ${producerSequence}`
    }),
  )
  const enriched = broker
    .partitions(topics.enriched)
    .map(({ records }) => repeats(records, (value) => String(decodeEnrichedRecord(value).rawOffset)))
  return new Map<Consequence, number>([
    ['raw records written again', sum(raw)],
    ['enriched records written again', sum(enriched)],
    ['inserts known by their token', tokens.length - new Set(tokens).size],
    ['intents found by a successor', logServer.intentsFound],
    ['commits refused', sum(logServer.groups.map(({ refusedCommits }) => refusedCommits))],
    ['generations of groups', sum(logServer.groups.map(({ generation }) => generation))],
    ['rows refused by the store', deadLetters.filter(({ cause }) => cause.includes('refused')).length],
    ['client repeats dropped', drops.filter(({ reason }) => reason === 'repeat').length],
    ['receipts that name a repeat', wrongReceipts(world, sent)],
  ])
}

/** Records with a name that an earlier one has; bytes without a name are none. */
function repeats(records: readonly { readonly value: Buffer }[], nameOf: (value: Buffer) => string): number {
  const names = records.flatMap(({ value }) => {
    try {
      return [nameOf(value)]
    } catch {
      return []
    }
  })
  return names.length - new Set(names).size
}

/** Answers whose place is not that of a row with the event. */
function wrongReceipts({ storeServer, logServer }: World, sent: readonly SentEvent[]): number {
  const places = new Map<string, Set<string>>()
  for (const { identity, place } of storedRows(storeServer, logServer.broker)) {
    if (identity === undefined || place === undefined) continue
    const known = places.get(identity) ?? new Set()
    places.set(identity, known.add(`${place.partition}-${place.rawOffset}`))
  }
  return sent.filter((event) => {
    const { receipt } = event
    return receipt !== undefined && places.get(identityOf(event))?.has(receipt) !== true
  }).length
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

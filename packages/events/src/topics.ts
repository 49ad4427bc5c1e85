import { saltLifeMs } from './salt-record.ts'

/** Topic names. Raw and enriched have the same number of partitions; salts and books have one. */
export const topics = {
  raw: 'millrace.events.raw',
  enriched: 'millrace.events.enriched',
  deadLetter: 'millrace.events.dead-letter',
  salts: 'millrace.salts',
  books: 'millrace.books',
} as const

/** Consumer group names: who reads which topic. */
export const consumerGroups = {
  enricher: 'millrace.enricher',
} as const

/**
 * Groups of the sinks that fill one ClickHouse database. Another database has groups of its own, so that it is filled
 * from the start of the retained log, beside the first one.
 */
export function sinkGroups(database: string): {
  readonly events: string
  readonly deadLetters: string
  readonly books: string
} {
  const own = database === 'millrace' ? '' : `.${database}`
  return {
    events: `millrace.sink${own}`,
    deadLetters: `millrace.sink.dead-letter${own}`,
    books: `millrace.sink.books${own}`,
  }
}

const hourMs = 3_600_000

/**
 * The topics as the log is asked to create them.
 * @param options.partitions of raw, enriched and dead letters: the most enrichers or sinks that can share the work
 */
export function topicSpecs(options: {
  readonly partitions: number
  readonly replicationFactor: number
  readonly rawRetentionH: number
  readonly enrichedRetentionH: number
}): {
  topic: string
  partitions: number
  retentionMs: number
  replicationFactor: number
  isSecret?: boolean
}[] {
  const { partitions, replicationFactor, rawRetentionH, enrichedRetentionH } = options
  return [
    { topic: topics.raw, partitions, retentionMs: rawRetentionH * hourMs, replicationFactor },
    { topic: topics.enriched, partitions, retentionMs: enrichedRetentionH * hourMs, replicationFactor },
    { topic: topics.deadLetter, partitions, retentionMs: 30 * 24 * hourMs, replicationFactor },
    // A salt is needed on its day and the next: 48 hours, then nobody can recompute that day's ids.
    { topic: topics.salts, partitions: 1, retentionMs: saltLifeMs, replicationFactor, isSecret: true },
    // As long as the records that they count.
    { topic: topics.books, partitions: 1, retentionMs: enrichedRetentionH * hourMs, replicationFactor },
  ]
}

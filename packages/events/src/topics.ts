/** Topic names. Raw and enriched have the same number of partitions; salts has one. */
export const topics = {
  raw: 'millrace.events.raw',
  enriched: 'millrace.events.enriched',
  deadLetter: 'millrace.events.dead-letter',
  salts: 'millrace.salts',
} as const

/** Consumer group names: who reads which topic. */
export const consumerGroups = {
  enricher: 'millrace.enricher',
  sink: 'millrace.sink',
  deadLetterSink: 'millrace.sink.dead-letter',
} as const

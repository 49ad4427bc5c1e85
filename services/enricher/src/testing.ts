/** What the simulation runs of the enricher. */
export { readConfig, type EnricherConfig } from './config.ts'
export { InternalEvents } from './internal-events.ts'
export type { OutcomeRules } from './outcome.ts'
export { ProducerSequences } from './producer-sequences.ts'
export { startReading, type Reading } from './reading.ts'

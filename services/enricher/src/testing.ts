/** What the simulation runs of the enricher. */
export { limits, readConfig } from './config.ts'
export { InternalEvents } from './internal-events.ts'
export type { OutcomeRules } from './outcome.ts'
export { ProducerSequences } from './producer-sequences.ts'
export { startReading, type Reading } from './reading.ts'

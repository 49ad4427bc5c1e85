/** What the simulation runs of the producer. */
export { limits } from './config.ts'
export { InternalEvents } from './internal-events.ts'
export { LogLink } from './log-link.ts'
export { Producer } from './producer.ts'

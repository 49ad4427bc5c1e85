/** What the simulation runs of the producer. */
export { BookKeeper } from './book-keeper.ts'
export { limits } from './config.ts'
export { InternalEvents } from './internal-events.ts'
export { LogLink, type LogLinkOptions } from './log-link.ts'
export { Producer } from './producer.ts'

/** What every service needs to run: options, logging, metrics, typed errors, retries, start and drain. */
export { readOptions, OptionsError } from './options.ts'
export {
  adminOptions,
  consumerOptions,
  logOptions,
  storeOptions,
  topicOptions,
  wholeNumber,
} from './shared-options.ts'
export { createLogger, type Logger } from './logger.ts'
export { QuietLog } from './quiet-log.ts'
export { Metrics, type Counter, type Gauge, type Histogram } from './metrics.ts'
export { answerMetricsRequests, collectMetrics } from './metrics-exchange.ts'
export { serveAdmin, type AdminServer } from './admin-server.ts'
export { NeighbourError, isRetriable, describeError } from './neighbour-error.ts'
export { retry, type RetryOptions } from './retry.ts'
export { delay } from './delay.ts'
export { findInFile, type Find } from './find-in-file.ts'
export { FileHeldError, lockFile, tryLockFile, type FileLock } from './file-lock.ts'
export { runService, type RunningService, type ServiceContext, type StartFailure } from './run-service.ts'
export { assert, unreachable } from './assert.ts'

/** Test builders of the log, and the suite that every implementation passes. */
export { describeLogContract, type ContractLimits, type LogUnderTest } from './log-contract.ts'
export { aTemporaryEmbeddedLog, type TemporaryLog } from './embedded/temporary-log.ts'

/** How long things may take in the log that the suite runs on. */
export interface ContractLimits {
  /** The longest a step may take: a join, a rebalance, an append, a fetch of what is there. */
  readonly stepMsMax: number
  /** Of the members that the suite starts. */
  readonly sessionTimeoutMs: number
  readonly revokeMsMax: number
}

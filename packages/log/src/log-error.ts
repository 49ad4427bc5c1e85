import { NeighbourError } from '@millrace/runtime'

export type LogErrorCode =
  | 'LOG_UNAVAILABLE'
  | 'LOG_FULL'
  | 'RECORD_TOO_LARGE'
  | 'UNKNOWN_TOPIC'
  | 'PARTITION_COUNT_DIFFERS'
  | 'OFFSET_OUT_OF_RANGE'
  | 'BACKLOG_FULL'
  | 'APPEND_DEADLINE_PASSED'

/** Trouble with the log. */
export class LogError extends NeighbourError {
  override readonly name = 'LogError'
  declare readonly code: LogErrorCode

  // eslint-disable-next-line @typescript-eslint/no-useless-constructor -- it narrows the code
  constructor(
    message: string,
    options: { readonly code: LogErrorCode; readonly retriable: boolean; readonly cause?: unknown },
  ) {
    super(message, options)
  }
}

/** The partition belongs to another member now: the loop ends, nothing is to be repaired. */
export class PartitionLostError extends NeighbourError {
  override readonly name = 'PartitionLostError'

  constructor(message: string, cause?: unknown) {
    super(message, { code: 'PARTITION_LOST', retriable: false, cause })
  }
}

import { NeighbourError } from '@millrace/runtime'

/**
 * What went wrong with the store:
 * - `STORE_UNAVAILABLE` (retriable): no answer, a broken connection, a timeout, or a server that lost its own way.
 *   A write may or may not have happened.
 * - `STORE_BUSY` (retriable): the server refused for now: too many queries or parts, memory, a read-only replica, Keeper.
 * - `DATA_REFUSED`: the rows themselves; nothing of the insert is stored. `place` says where, if it is known.
 * - `VIEW_REFUSED` (retriable): a materialized view on the table failed, such as one that an operator made. The table has
 *   the rows by then, the views that come after it have not: only a repeat under the same token, once the view is
 *   repaired or dropped, gives each what is missing.
 * - `BATCH_SPANS_PARTITIONS`: rows of more than one month in one insert; nothing is stored.
 * - `BATCH_TOO_LARGE`: more rows or bytes than one block holds; nothing is sent.
 * - `ACCESS_REFUSED`: user, password or grants.
 * - `SCHEMA_MISSING`: no such database, table or column: `migrate` has not run, or another version of it.
 * - `STATEMENT_REFUSED`: any other refusal, such as a syntax error.
 */
export type StoreErrorCode =
  | 'STORE_UNAVAILABLE'
  | 'STORE_BUSY'
  | 'DATA_REFUSED'
  | 'VIEW_REFUSED'
  | 'BATCH_SPANS_PARTITIONS'
  | 'BATCH_TOO_LARGE'
  | 'ACCESS_REFUSED'
  | 'SCHEMA_MISSING'
  | 'STATEMENT_REFUSED'

/** Where in a batch a value is that cannot be stored. */
export interface ValuePlace {
  /** Index in the batch's rows. */
  readonly row: number
  readonly column: string
}

export interface StoreErrorOptions {
  readonly code: StoreErrorCode
  readonly cause?: unknown
  /** ClickHouse's own error number. */
  readonly serverCode?: number
  readonly place?: ValuePlace
}

const retriableCodes: readonly StoreErrorCode[] = ['STORE_UNAVAILABLE', 'STORE_BUSY', 'VIEW_REFUSED']

/** Trouble with ClickHouse. */
export class StoreError extends NeighbourError {
  override readonly name = 'StoreError'
  declare readonly code: StoreErrorCode
  readonly serverCode: number | undefined
  readonly place: ValuePlace | undefined

  constructor(message: string, options: StoreErrorOptions) {
    const { code, cause } = options
    super(message, { code, retriable: retriableCodes.includes(code), cause })
    this.serverCode = options.serverCode
    this.place = options.place
  }
}

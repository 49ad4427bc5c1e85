import { ClickHouseError } from '@clickhouse/client'
import { StoreError, type StoreErrorCode } from './store-error.ts'

/**
 * ClickHouse's error numbers (src/Common/ErrorCodes.cpp) by what they mean for the caller. Only errors that surely come
 * from the rows may be DATA_REFUSED: the sink makes dead letters of such rows.
 */
const codesByMeaning: Readonly<Partial<Record<StoreErrorCode, readonly number[]>>> = {
  STORE_BUSY: [
    159, // TIMEOUT_EXCEEDED
    201, // QUOTA_EXCEEDED
    202, // TOO_MANY_SIMULTANEOUS_QUERIES
    203, // NO_FREE_CONNECTION
    241, // MEMORY_LIMIT_EXCEEDED
    242, // TABLE_IS_READ_ONLY
    243, // NOT_ENOUGH_SPACE
    252, // TOO_MANY_PARTS
    285, // TOO_FEW_LIVE_REPLICAS
    286, // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
    289, // REPLICA_IS_NOT_IN_QUORUM
    439, // CANNOT_SCHEDULE_TASK
    473, // DEADLOCK_AVOIDED
    745, // SERVER_OVERLOADED
  ],
  STORE_UNAVAILABLE: [
    3, // UNEXPECTED_END_OF_FILE: the body broke off
    32, // ATTEMPT_TO_READ_AFTER_EOF
    49, // LOGICAL_ERROR
    74, // CANNOT_READ_FROM_FILE_DESCRIPTOR
    75, // CANNOT_WRITE_TO_FILE_DESCRIPTOR
    76, // CANNOT_OPEN_FILE
    173, // CANNOT_ALLOCATE_MEMORY
    198, // DNS_ERROR
    209, // SOCKET_TIMEOUT
    210, // NETWORK_ERROR
    225, // NO_ZOOKEEPER
    236, // ABORTED
    279, // ALL_CONNECTION_TRIES_FAILED
    319, // UNKNOWN_STATUS_OF_INSERT
    394, // QUERY_WAS_CANCELLED
    425, // SYSTEM_ERROR
    499, // S3_ERROR
    999, // KEEPER_EXCEPTION
    1000, // POCO_EXCEPTION
    1001, // STD_EXCEPTION
    1002, // UNKNOWN_EXCEPTION
  ],
  DATA_REFUSED: [
    6, // CANNOT_PARSE_TEXT
    27, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
    33, // CANNOT_READ_ALL_DATA
    38, // CANNOT_PARSE_DATE
    41, // CANNOT_PARSE_DATETIME
    53, // TYPE_MISMATCH
    69, // ARGUMENT_OUT_OF_BOUND
    70, // CANNOT_CONVERT_TYPE
    72, // CANNOT_PARSE_NUMBER
    117, // INCORRECT_DATA
    128, // TOO_LARGE_ARRAY_SIZE
    131, // TOO_LARGE_STRING_SIZE
    190, // SIZES_OF_ARRAYS_DONT_MATCH
    321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
    349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
    395, // FUNCTION_THROW_IF_VALUE_IS_NON_ZERO
    407, // DECIMAL_OVERFLOW
    469, // VIOLATED_CONSTRAINT
  ],
  ACCESS_REFUSED: [
    164, // READONLY
    192, // UNKNOWN_USER
    193, // WRONG_PASSWORD
    194, // REQUIRED_PASSWORD
    195, // IP_ADDRESS_NOT_ALLOWED
    291, // DATABASE_ACCESS_DENIED
    497, // ACCESS_DENIED
    516, // AUTHENTICATION_FAILED
  ],
  SCHEMA_MISSING: [
    8, // THERE_IS_NO_COLUMN
    10, // NOT_FOUND_COLUMN_IN_BLOCK
    16, // NO_SUCH_COLUMN_IN_TABLE
    47, // UNKNOWN_IDENTIFIER
    60, // UNKNOWN_TABLE
    81, // UNKNOWN_DATABASE
  ],
}

const meaningOfCode: ReadonlyMap<number, StoreErrorCode> = new Map(
  Object.entries(codesByMeaning).flatMap(([meaning, codes]) =>
    codes.map((code) => [code, meaning as StoreErrorCode]),
  ),
)

const advice: Readonly<Partial<Record<StoreErrorCode, string>>> = {
  ACCESS_REFUSED: 'ClickHouse refuses the user (check user, password and grants)',
  SCHEMA_MISSING: 'ClickHouse lacks a table or column (run migrate)',
  VIEW_REFUSED: 'a materialized view on the table fails (repair or drop it)',
  BATCH_SPANS_PARTITIONS: 'the rows lie in more than one month',
}

/** Turns what @clickhouse/client throws into a StoreError. @param doing such as `insert into events` */
export function asStoreError(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error
  if (!(error instanceof ClickHouseError)) {
    return new StoreError(`${doing}: no answer from ClickHouse`, { code: 'STORE_UNAVAILABLE', cause: error })
  }
  const serverCode = Number(error.code)
  const code = meaningOf(serverCode, error.message)
  const message =
    `${doing}: ${advice[code] ?? 'ClickHouse refused'}: ${error.code} ${error.type ?? ''}`.trimEnd()
  return new StoreError(message, { code, serverCode, cause: error })
}

/** How the server ends its message where a view fails; values of rows can only stand before it. */
const viewFailure = /: while pushing to view [^\s':]+\s*$/

function meaningOf(serverCode: number, message: string): StoreErrorCode {
  const meaning = meaningOfCode.get(serverCode) ?? 'STATEMENT_REFUSED'
  const isRetriable = meaning === 'STORE_UNAVAILABLE' || meaning === 'STORE_BUSY'
  if (!isRetriable && viewFailure.test(message)) return 'VIEW_REFUSED'
  // TOO_MANY_PARTS has two causes under one number: merges that lag, and this insert's own partitions.
  if (serverCode === 252 && message.includes('Too many partitions')) return 'BATCH_SPANS_PARTITIONS'
  return meaning
}

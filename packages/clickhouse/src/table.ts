/** A table with the columns an insert fills and how each is read from a row. */
export interface Table<Row> {
  readonly name: string
  readonly columns: readonly Column<Row>[]
}

/** A column's name, its type in the insert, and how its value is read from a row. */
export type Column<Row> = { readonly name: string } & ColumnValues<Row>

type ColumnValues<Row> =
  | { readonly type: 'String'; readonly read: (row: Row) => string | Buffer }
  | { readonly type: 'LowCardinality(String)'; readonly read: (row: Row) => string }
  | { readonly type: 'UInt8' | 'UInt16' | 'UInt32' | 'Int32'; readonly read: (row: Row) => number }
  /** A safe integer. */
  | { readonly type: 'Int64'; readonly read: (row: Row) => number }
  | { readonly type: 'Bool'; readonly read: (row: Row) => boolean }
  /** Unix seconds, 0 to 2^32 - 1. */
  | { readonly type: "DateTime('UTC')"; readonly read: (row: Row) => number }
  /** A safe integer, at most 2^53 - 1. */
  | { readonly type: 'UInt64'; readonly from: 'number'; readonly read: (row: Row) => number }
  /** 16 hex digits. */
  | { readonly type: 'UInt64'; readonly from: 'hex'; readonly read: (row: Row) => string }
  /** The upper and the lower 32 bits, unsigned. */
  | {
      readonly type: 'UInt64'
      readonly from: 'halves'
      readonly read: (row: Row) => number
      readonly readLower: (row: Row) => number
    }
  /** Decimal text with at most 14 digits before and 4 after the point; empty is 0. */
  | { readonly type: 'Decimal(18, 4)'; readonly read: (row: Row) => string }
  | {
      readonly type: 'Map(LowCardinality(String), String)'
      readonly read: (row: Row) => readonly (readonly [string, string])[]
    }

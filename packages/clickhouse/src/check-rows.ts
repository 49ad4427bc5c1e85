import { insertRowsMax } from './insert-settings.ts'
import { NativeBlock } from './native-block.ts'
import { StoreError } from './store-error.ts'
import type { Table } from './table.ts'

/**
 * Encodes rows for nothing but to know whether an insert of them would be refused before it is sent.
 * @throws StoreError `DATA_REFUSED` with its `place`, or `BATCH_TOO_LARGE`
 */
export function checkRows<Row>(table: Table<Row>, rows: readonly Row[]): void {
  checkRowCount(rows)
  new NativeBlock(table).append(rows)
}

/** @throws StoreError `BATCH_TOO_LARGE` */
export function checkRowCount(rows: { readonly length: number }): void {
  if (rows.length <= insertRowsMax) return
  const message = `${rows.length} rows in one insert, the most is ${insertRowsMax}`
  throw new StoreError(message, { code: 'BATCH_TOO_LARGE' })
}

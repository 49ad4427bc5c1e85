import { NativeBlock } from './native-block.ts'
import type { RowBlock } from './store.ts'
import type { Table } from './table.ts'

/** The block of a store in memory: keeps the rows, and refuses what the real one refuses. */
export class RowList<Row> implements RowBlock<Row> {
  readonly table: Table<Row>
  readonly #rows: Row[] = []
  readonly #encoded: NativeBlock<Row>

  constructor(table: Table<Row>) {
    this.table = table
    this.#encoded = new NativeBlock(table)
  }

  static rowsOf<Row>(block: RowBlock<Row>): readonly Row[] {
    if (block instanceof RowList) return (block as RowList<Row>).#rows
    throw new TypeError('bug: a block of another store')
  }

  get length(): number {
    return this.#rows.length
  }

  append(rows: readonly Row[]): void {
    this.#encoded.append(rows)
    this.#rows.push(...rows)
  }
}

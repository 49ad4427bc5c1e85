/** Inserts blocks that lie ready in Native format: what storing the rows costs when making them costs nothing. */
import { readFileSync } from 'node:fs'
import { startProgress, stopSignal, yardstickOptions } from './yardstick.ts'

interface Options {
  readonly blocks: readonly { readonly file: string; readonly rows: number }[]
  readonly url: string
  readonly database: string
  /** With parentheses. */
  readonly columns: string
}

const { blocks, url, database, columns } = yardstickOptions() as Options
const progress = startProgress()
for (const { file, rows } of blocks) {
  const query = new URLSearchParams({ database, query: `INSERT INTO events ${columns} FORMAT Native` })
  const response = await fetch(`${url}/?${query.toString()}`, { method: 'POST', body: readFileSync(file) })
  if (!response.ok) throw new Error(await response.text())
  progress(rows)
}
await stopSignal()
process.disconnect()

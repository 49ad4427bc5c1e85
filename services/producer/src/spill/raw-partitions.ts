import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'

const fileSchema = z.object({ rawPartitions: z.number().int().min(1) })

/** How many partitions the raw topic had when a producer of this data directory last saw it; undefined: never seen. */
export function readRawPartitions(root: string): number | undefined {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(pathIn(root), 'utf8'))).rawPartitions
  } catch {
    return undefined // none, or not whole: as if it had never been seen
  }
}

/** Keeps the number, so that a producer can spill when it starts while the log is away. */
export function writeRawPartitions(root: string, rawPartitions: number): void {
  if (readRawPartitions(root) === rawPartitions) return
  const draft = `${pathIn(root)}.${String(process.pid)}`
  const file = openSync(draft, 'w')
  try {
    writeSync(file, JSON.stringify({ rawPartitions }))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(draft, pathIn(root))
}

function pathIn(root: string): string {
  return join(root, 'raw-topic.json')
}

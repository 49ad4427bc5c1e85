import { setTimeout as sleep } from 'node:timers/promises'
import { diskMebibytes, type Bench } from './bench.ts'
import type { Hit } from './hit.ts'
import type { SmallDisk } from '../small-disk.ts'
import type { SeededRandom } from './seeded-random.ts'

const mebibyte = 1024 * 1024
/**
 * What is left on the disk. The embedded log refuses appends below 64 MiB: just above it the log runs full by the load
 * itself; with next to nothing, what it writes for commits meets a disk that is really full.
 */
const leftBytes = [65 * mebibyte, 4 * mebibyte, 0.25 * mebibyte, 0]
const resizeTriesMax = 20
const fullMs = { min: 1_500, max: 4_000 }

export async function fillDisk({ disk }: Bench, random: SeededRandom): Promise<Hit> {
  if (disk === undefined) throw new Error('bug: the bench has no small disk')
  const left = random.of(leftBytes)
  const startedAt = performance.now()
  await leave(left, disk)
  await sleep(random.between(fullMs.min, fullMs.max))
  await disk.resize(diskMebibytes * mebibyte)
  const target = `the disk, ${left / mebibyte} MiB left`
  return { target, startedAt, endedAt: performance.now() }
}

/** The disk cannot become smaller than what is on it, and that grows while it is looked up. */
async function leave(bytes: number, disk: SmallDisk): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await disk.resize((await disk.usedBytes()) + bytes)
      return
    } catch (error) {
      if (tries === resizeTriesMax) throw error
    }
  }
}

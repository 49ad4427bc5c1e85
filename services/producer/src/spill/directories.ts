import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { OptionsError, tryLockFile, type FileLock } from '@millrace/runtime'

/** A directory that is this process's alone, until it is let go of or the process dies. */
export interface ClaimedDirectory {
  readonly path: string
  readonly lock: FileLock
}

/** Producers that share a data directory. */
const directoriesMax = 1_000

/** Takes the first numbered directory that no living process has. @throws OptionsError when the place cannot be written to */
export function claimOwn(root: string): ClaimedDirectory {
  try {
    mkdirSync(root, { recursive: true })
    for (let index = 0; index < directoriesMax; index++) {
      const claimed = claim(root, String(index))
      if (claimed !== undefined) return claimed
    }
  } catch (cause) {
    const message = `invalid options: DATA_DIR: events cannot be spilled to ${root} (${String(cause)}); SPILL_BYTES_MAX=0 does without`
    throw new OptionsError(message, { cause })
  }
  throw new OptionsError(
    `invalid options: DATA_DIR: ${root} is shared by more than ${String(directoriesMax)} producers`,
  )
}

/**
 * Takes the directories that processes left behind when they ended, but for those that ended within the time given: a
 * process that is started again soon finds its own, and so keeps its visitors' order.
 */
export function claimLeftBehind(root: string, forMs: number): ClaimedDirectory[] {
  return readdirSync(root)
    .filter((name) => /^\d+$/.test(name) && unusedMs(root, name) >= forMs)
    .flatMap((name) => claim(root, name) ?? [])
}

/** Lets go of it, for whoever is started next. */
export function leave({ path, lock }: ClaimedDirectory): void {
  const now = new Date()
  if (existsSync(path)) utimesSync(path, now, now)
  lock.release()
}

/** Unless another has taken it meanwhile. */
export function removeFiles({ path, lock }: ClaimedDirectory): void {
  if (lock.isHeld()) rmSync(path, { recursive: true, force: true })
}

export function holdsSomething({ path }: ClaimedDirectory): boolean {
  return existsSync(path) && readdirSync(path).length > 0
}

/** Who has it renews the lock's time every few seconds; who left it in order has set the directory's. */
function unusedMs(root: string, name: string): number {
  const paths = [join(root, name), lockOf(root, name)]
  const times = paths.map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0)
  return Date.now() - Math.max(...times)
}

function lockOf(root: string, name: string): string {
  return join(root, `${name}.lock`)
}

function claim(root: string, name: string): ClaimedDirectory | undefined {
  const lock = tryLockFile(lockOf(root, name))
  return lock === undefined ? undefined : { path: join(root, name), lock }
}

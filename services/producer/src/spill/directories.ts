import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
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

/** Takes the directories that a process left behind when it ended. */
export function claimLeftBehind(root: string): ClaimedDirectory[] {
  return readdirSync(root)
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => claim(root, name) ?? [])
}

export function removeFiles({ path }: ClaimedDirectory): void {
  rmSync(path, { recursive: true, force: true })
}

export function holdsSomething({ path }: ClaimedDirectory): boolean {
  return existsSync(path) && readdirSync(path).length > 0
}

function claim(root: string, name: string): ClaimedDirectory | undefined {
  const lock = tryLockFile(join(root, `${name}.lock`))
  return lock === undefined ? undefined : { path: join(root, name), lock }
}

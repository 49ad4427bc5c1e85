import { statfs } from 'node:fs/promises'
import { LogError } from '../log-error.ts'

const mapFull = -30_792 // MDB_MAP_FULL
const noSpace = 28 // ENOSPC
const quotaExceeded = 122 // EDQUOT
const inputOutput = 5 // EIO: also LMDB's word for a write that was cut short because the disk filled up

/** Below this an I/O error counts as a full disk: more than the largest single write. */
const freeBytesFew = 64 * 1024 * 1024

/** What a failed commit of lmdb-js means; it gives the cause in a second promise, which must not stay unhandled. */
export async function commitFailure(error: unknown, file: string): Promise<LogError> {
  const cause = await causeOf(error)
  const code = codeOf(cause)
  const isFull =
    code === mapFull ||
    code === noSpace ||
    code === quotaExceeded ||
    (code === inputOutput && (await freeBytes(file)) < freeBytesFew)
  return isFull
    ? new LogError('the log has no space left on its disk', { code: 'LOG_FULL', retriable: true, cause })
    : new LogError('the log could not be written', { code: 'LOG_UNAVAILABLE', retriable: true, cause })
}

/** Bytes an unprivileged process can still write on the file's disk. */
export async function freeBytes(file: string): Promise<number> {
  const { bavail, bsize } = await statfs(file)
  return bavail * bsize
}

async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error
  try {
    await error.commitError
    return error
  } catch (cause) {
    return cause
  }
}

/** lmdb-js gives a number; Node's own file errors give a name and the negative number. */
function codeOf(cause: unknown): number | undefined {
  if (!(cause instanceof Error) || !('code' in cause)) return undefined
  if (typeof cause.code === 'number') return cause.code
  return 'errno' in cause && typeof cause.errno === 'number' ? -cause.errno : undefined
}

/** A lock that dies with its process: a file that names its living holder. Node has no advisory locks of its own. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  linkSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { delay } from './delay.ts'

export interface FileLock {
  /** False when another has taken it, because this process was frozen for too long to be told from a dead one. */
  isHeld(): boolean
  release(): void
}

/** The lock stays with another process for longer than the wait. */
export class FileHeldError extends Error {
  override readonly name = 'FileHeldError'
}

interface Holder {
  readonly pid: number
  /** What the system says of when that process began: a pid alone comes back. */
  readonly startedAt: string
  readonly hostname: string
  /** Where its pid means something: containers may share a host's name. */
  readonly pidNamespace: string
  /** Tells one holding from the next. */
  readonly token: string
}

const tryEveryMs = 50
/** A holder renews its file's time so often; only holders on other hosts, or in other containers, are judged by it. */
const renewEveryMs = 2_000
const staleAfterMs = 15_000

/**
 * Takes the lock, waiting for its holder to go.
 * @throws FileHeldError after `waitMsMax`, naming the holder
 */
export async function lockFile(path: string, waitMsMax: number): Promise<FileLock> {
  for (let left = Math.ceil(waitMsMax / tryEveryMs); ; left--) {
    const lock = tryLockFile(path)
    if (lock !== undefined) return lock
    if (left <= 0) {
      const holder = readHolder(path)
      throw new FileHeldError(`process ${holder?.pid ?? '?'} on ${holder?.hostname ?? '?'}`)
    }
    await delay(tryEveryMs)
  }
}

/** @returns undefined while another process, or this one, holds the lock */
export function tryLockFile(path: string): FileLock | undefined {
  const own: Holder = {
    pid: process.pid,
    startedAt: startOf(process.pid) ?? '',
    hostname: hostname(),
    pidNamespace: pidNamespace(),
    token: randomBytes(8).toString('hex'),
  }
  if (!take(path, own)) {
    const holder = readHolder(path)
    if (holder !== undefined && isAlive(holder, path)) return undefined
    if (holder !== undefined) removeStale(path, holder)
    if (!take(path, own)) return undefined
  }
  const isHeld = (): boolean => readHolder(path)?.token === own.token
  const renewing = setInterval(() => {
    if (isHeld()) renew(path)
  }, renewEveryMs)
  renewing.unref()
  return {
    isHeld,
    release: () => {
      clearInterval(renewing)
      if (isHeld()) rmSync(path, { force: true })
    },
  }
}

/** A link is made whole or not at all, so the file never lacks its holder. */
function take(path: string, own: Holder): boolean {
  const draft = `${path}.${own.token}`
  writeFileSync(draft, JSON.stringify(own))
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder
  } catch {
    return undefined
  }
}

function isAlive(holder: Holder, path: string): boolean {
  const isNear = holder.hostname === hostname() && holder.pidNamespace === pidNamespace()
  if (!isNear) return ageMs(path) < staleAfterMs
  return startOf(holder.pid) === holder.startedAt
}

/** One process at a time removes a stale file, and only the one it judged. */
function removeStale(path: string, judged: Holder): void {
  const guard = `${path}.removing`
  try {
    mkdirSync(guard)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    if (ageMs(guard) > staleAfterMs) rmdirSync(guard)
    return
  }
  try {
    const now = readHolder(path)
    if (now?.token === judged.token) rmSync(path, { force: true })
  } finally {
    rmdirSync(guard)
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return '' // no /proc: no process namespaces either
  }
}

/** @returns undefined when there is no such process, or only what is left of it */
function startOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return startFromPs(pid)
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

function startFromPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '')
  } catch {
    return undefined
  }
}

function ageMs(path: string): number {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
}

function renew(path: string): void {
  const now = new Date()
  try {
    utimesSync(path, now, now)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

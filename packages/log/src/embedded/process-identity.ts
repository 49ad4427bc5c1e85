import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Which process a member of a group lives in, so that others on the machine can tell when it has died. */
export interface ProcessIdentity {
  /** Machine and process namespace: where the process id means something. */
  readonly scope: string
  readonly pid: number
  /** Start time in clock ticks after boot, which tells a process from a later one with its id; empty where unknown. */
  readonly startedAt: string
}

export function ownProcess(): ProcessIdentity {
  return { scope: scope(), pid: process.pid, startedAt: startTime(process.pid) ?? '' }
}

/** Whether the process is known to be dead; false for one that cannot be looked at from here. */
export function hasDied({ scope: where, pid, startedAt }: ProcessIdentity): boolean {
  if (where !== scope()) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
  return startedAt !== '' && startTime(pid) !== startedAt
}

function scope(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname() // no /proc: no process namespaces either
  }
}

/** Field 22 of `/proc/PID/stat`; the second, the command, may hold blanks and brackets. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

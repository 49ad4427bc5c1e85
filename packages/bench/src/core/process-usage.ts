import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What a process has used since it began. */
export interface ProcessUsage {
  /** User and system, all threads. */
  readonly cpuSeconds: number
  readonly residentMib: number
  /**
   * Without pages of mapped files, as of the embedded log's, which the system takes back when it needs them. All that is
   * resident where the system does not tell them apart.
   */
  readonly privateMib: number
}

/** Kernel ticks a second in `/proc/PID/stat`: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

/** @throws Error when there is no such process */
export function processUsage(pid: number): ProcessUsage {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid)
}

function fromProc(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name in parentheses may hold spaces; state is the first field behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mebibytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) / 1024
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    residentMib: mebibytes('VmRSS'),
    privateMib: mebibytes('RssAnon'),
  }
}

function fromPs(pid: number): ProcessUsage {
  const output = execFileSync('ps', ['-o', 'rss=,time=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  const [kibibytes = '0', time = '0'] = output.split(/\s+/)
  const residentMib = Number(kibibytes) / 1024
  return { cpuSeconds: secondsOf(time), residentMib, privateMib: residentMib }
}

/** `[[days-]hours:]minutes:seconds[.hundredths]` */
export function secondsOf(time: string): number {
  const [days, clock] = time.includes('-') ? time.split('-', 2) : ['0', time]
  const seconds = (clock ?? '0').split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  return Number(days) * 86_400 + seconds
}

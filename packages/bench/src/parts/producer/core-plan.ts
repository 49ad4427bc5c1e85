import { execFileSync } from 'node:child_process'

/** Cores as `taskset` names them, such as `0` and `1-3`. */
export interface CorePlan {
  readonly server: string
  readonly others: string
}

/**
 * One core for what is measured and the others for what drives it, where the system has `taskset` and more than one core
 * for us; else undefined, and the scheduler decides.
 */
export function corePlan(): CorePlan | undefined {
  try {
    return planOf(execFileSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' }))
  } catch {
    return undefined
  }
}

/** @param said by `taskset -cp`, such as `pid 7's current affinity list: 0-3,6` */
export function planOf(said: string): CorePlan | undefined {
  const cores = said
    .slice(said.lastIndexOf(':') + 1)
    .split(',')
    .flatMap(coresOf)
  const [server, ...others] = cores
  if (server === undefined || others.length === 0) return undefined
  return { server: String(server), others: others.join(',') }
}

function coresOf(range: string): number[] {
  const [from, to = from] = range.split('-').map(Number)
  if (from === undefined || to === undefined || !Number.isInteger(from)) return []
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

/** Moves a process with all its threads; those it starts later follow. */
export function pin(pid: number, cores: string): void {
  execFileSync('taskset', ['-acp', cores, String(pid)], { stdio: 'ignore' })
}

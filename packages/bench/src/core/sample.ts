/** One measurement of one contender: what it did in a span of time, and what that took. */
export interface Sample {
  /** Events, requests, rows or records: what the part counts. */
  readonly events: number
  readonly seconds: number
  /** Of the processes that did the work, user and system, all threads. */
  readonly cpuSeconds: number
  /** The same of the process alone that is measured, where an engine beside it is counted in `cpuSeconds`. */
  readonly ownCpuSeconds?: number
  /** Read or written, where it says something. */
  readonly bytes?: number
  /** Most that the processes had resident, in MiB. */
  readonly residentMib?: number
  readonly latencyMs?: Latency
  /** What else was measured, by the name it has in the report, with its unit in the name. */
  readonly more?: Readonly<Record<string, number>>
}

/** Milliseconds. */
export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

export function eventsPerSecond({ events, seconds }: Sample): number {
  return events / seconds
}

/** Events that a core does in a second when it does nothing else. */
export function eventsPerCpuSecond({ events, cpuSeconds }: Sample): number {
  return events / cpuSeconds
}

/** The same, without the engine beside it. */
export function eventsPerOwnCpuSecond({ events, cpuSeconds, ownCpuSeconds = cpuSeconds }: Sample): number {
  return events / ownCpuSeconds
}

export function cpuMicrosPerEvent({ events, cpuSeconds }: Sample): number {
  return (cpuSeconds * 1e6) / events
}

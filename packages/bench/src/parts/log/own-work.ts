import type { Sample } from '../../core/sample.ts'

/** Measures work that this process does itself: its time, and the CPU time of all its threads. */
export async function ownWork(
  size: { readonly events: number; readonly bytes: number },
  work: () => Promise<void>,
): Promise<Sample> {
  const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(cpuBefore)
  return { ...size, seconds: (performance.now() - startedAt) / 1000, cpuSeconds: (user + system) / 1e6 }
}

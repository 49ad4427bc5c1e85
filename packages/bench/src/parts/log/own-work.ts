import type { Sample } from '../../core/sample.ts'

/**
 * Measures work that this process does itself: its time, and the CPU time of all its threads.
 * @param work is measured from its start, or from when it calls `begin`
 */
export async function ownWork(
  size: { readonly events: number; readonly bytes: number },
  work: (begin: () => void) => Promise<void>,
): Promise<Sample> {
  let [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()]
  await work(() => {
    ;[startedAt, cpuBefore] = [performance.now(), process.cpuUsage()]
  })
  const { user, system } = process.cpuUsage(cpuBefore)
  return { ...size, seconds: (performance.now() - startedAt) / 1000, cpuSeconds: (user + system) / 1e6 }
}

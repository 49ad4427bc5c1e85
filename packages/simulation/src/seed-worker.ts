import { parentPort } from 'node:worker_threads'
import { failureText } from './failure-text.ts'
import type { SeedReport } from './run-seeds.ts'
import { simulate } from './simulate.ts'

/** Runs the seeds it is sent, and tells how each went. */
parentPort?.on('message', (seed: number) => {
  void report(seed).then((made) => parentPort?.postMessage(made))
})

async function report(seed: number): Promise<SeedReport> {
  const result = await simulate(seed)
  const { broken, sent, accepted, steps, ms, hits, consequences } = result
  return {
    seed,
    failure: broken.length === 0 ? undefined : failureText(result),
    counts: { 'events sent': sent, 'events accepted': accepted, steps, 'simulated seconds': ms / 1000 },
    hits: [...hits],
    consequences: [...consequences],
  }
}

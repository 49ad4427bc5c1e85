import { eventually } from '@millrace/e2e'
import type { EventServer } from './servers.ts'

/** What a producer wrote to its disk while Kafka was slow is in the log this much later at most. */
const drainMsMax = 60_000

/**
 * Runs a load, then compares what was accepted with what the server's log holds.
 * @param accepted events that a result says were answered 202
 * @returns records that are there beyond those: an append that was repeated, which the enricher leaves out
 * @throws Error when one is missing
 */
export async function checkedAgainstLog<Result>(
  server: EventServer,
  run: () => Promise<Result>,
  accepted: (result: Result) => number,
): Promise<{ result: Result; surplus: number }> {
  const { recordCount } = server
  if (recordCount === undefined) return { result: await run(), surplus: 0 }
  const before = await recordCount()
  const result = await run()
  const surplus = await eventually(
    `${server.name}: what was accepted is in the log`,
    drainMsMax,
    async () => {
      const more = (await recordCount()) - before - accepted(result)
      if (more < 0) throw new Error(`${-more} of ${accepted(result)} accepted events are not in the log`)
      return more
    },
  )
  return { result, surplus }
}

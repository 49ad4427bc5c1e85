import { describe, expect, it } from 'vitest'
import type { Assignment, Log } from '../log.ts'
import { aName, appendAll, offsetsFrom, someRecords, textsOf, type LogBench } from './log-bench.ts'

export function describeAssignments(bench: LogBench): void {
  describe('an assignment', () => {
    it('starts at the first record when the group has committed nothing', async () => {
      const { client, topic } = await bench.topic(1)
      await appendAll(client, someRecords(topic, { count: 5 }))
      await withAssignment(bench, { client, topic }, async (assignment) => {
        expect(assignment.committed).toBeUndefined()
        expect(assignment.watermarks).toEqual({ partition: 0, low: 0, high: 5 })
        const records = await fetchCount(assignment, 5)
        expect(records.map(({ offset }) => offset)).toEqual(offsetsFrom(0, 5))
        expect(assignment.highWatermark()).toBe(5)
      })
    })

    it('commits a position with its metadata, gives both back, and resumes there', async () => {
      const { client, topic } = await bench.topic(1)
      const groupId = aName('group')
      await appendAll(client, someRecords(topic, { count: 10 }))
      expect((await client.committed(groupId, topic)).size).toBe(0)
      const metadata = `{"first":4,"é":"${'x'.repeat(3_900)}"}`
      await withAssignment(bench, { client, topic, groupId }, async (assignment) => {
        await assignment.commit({ offset: 2, metadata: 'earlier' })
        await assignment.commit({ offset: 4, metadata })
      })
      expect(await client.committed(groupId, topic)).toEqual(new Map([[0, { offset: 4, metadata }]]))
      await withAssignment(bench, { client, topic, groupId }, async (assignment) => {
        expect(assignment.committed).toEqual({ offset: 4, metadata })
        expect(textsOf(await fetchCount(assignment, 6))).toEqual(offsetsFrom(4, 6).map((n) => `v-${n}`))
        await assignment.commit({ offset: 10, metadata: '' })
      })
      expect((await client.committed(groupId, topic)).get(0)).toEqual({ offset: 10, metadata: '' })
    })

    it('keeps the positions of groups apart', async () => {
      const { client, topic } = await bench.topic(1)
      const groupId = aName('group')
      await withAssignment(bench, { client, topic, groupId }, (assignment) =>
        assignment.commit({ offset: 0, metadata: 'mine' }),
      )
      expect((await client.committed(aName('group'), topic)).size).toBe(0)
    })

    it('seeks back and forward', async () => {
      const { client, topic } = await bench.topic(1)
      await appendAll(client, someRecords(topic, { count: 50 }))
      await withAssignment(bench, { client, topic }, async (assignment) => {
        expect((await fetchCount(assignment, 20))[0]!.offset).toBe(0)
        assignment.seek(3)
        expect((await fetchCount(assignment, 4)).map(({ offset }) => offset)).toEqual([3, 4, 5, 6])
        assignment.seek(40)
        expect((await fetchCount(assignment, 10)).map(({ offset }) => offset)).toEqual(offsetsFrom(40, 10))
        assignment.seek(0)
        expect((await fetchCount(assignment, 1))[0]!.offset).toBe(0)
      })
    })

    it('goes on without a gap after pause and resume', async () => {
      const { client, topic } = await bench.topic(1)
      await appendAll(client, someRecords(topic, { count: 100 }))
      await withAssignment(bench, { client, topic }, async (assignment) => {
        const before = await fetchCount(assignment, 30)
        assignment.pause()
        await appendAll(client, someRecords(topic, { count: 100 }))
        assignment.resume()
        const after = await fetchCount(assignment, 170)
        expect([...before, ...after].map(({ offset }) => offset)).toEqual(offsetsFrom(0, 200))
      })
    })

    it('fetches at most the records asked for', async () => {
      const { client, topic } = await bench.topic(1)
      await appendAll(client, someRecords(topic, { count: 10 }))
      await withAssignment(bench, { client, topic }, async (assignment) => {
        const records = await assignment.fetch({ recordsMax: 3, waitMsMax: bench.limits.stepMsMax })
        expect(records.length).toBeGreaterThan(0)
        expect(records.length).toBeLessThanOrEqual(3)
      })
    })

    it('waits for the first record no longer than told', async () => {
      const { client, topic } = await bench.topic(1)
      await withAssignment(bench, { client, topic }, async (assignment) => {
        const startedAt = performance.now()
        expect(await assignment.fetch({ recordsMax: 10, waitMsMax: 300 })).toEqual([])
        const took = performance.now() - startedAt
        expect(took).toBeGreaterThan(250)
        expect(took).toBeLessThan(300 + bench.limits.stepMsMax / 2)
      })
    })

    it('wakes from its wait when a record comes', async () => {
      const { client, topic } = await bench.topic(1)
      await withAssignment(bench, { client, topic }, async (assignment) => {
        const fetching = assignment.fetch({ recordsMax: 10, waitMsMax: bench.limits.stepMsMax * 2 })
        await appendAll(client, someRecords(topic, { count: 1 }))
        expect(textsOf(await bench.inTime('the fetch', fetching))).toEqual(['v-0'])
      })
    })

    it('wakes from its wait, empty, when its member drains', async () => {
      const { client, topic } = await bench.topic(1)
      let fetched: number | undefined
      let waiting = false
      const member = await bench.member({
        log: client,
        topic,
        groupId: aName('group'),
        loop: async (assignment) => {
          waiting = true
          const waitMsMax = bench.limits.stepMsMax * 2
          fetched = (await assignment.fetch({ recordsMax: 10, waitMsMax })).length
          expect(assignment.signal.aborted).toBe(true)
        },
      })
      member.start()
      await bench.eventually('the loop waits', () => expect(waiting).toBe(true))
      await bench.inTime('the drain', member.drain())
      expect(fetched).toBe(0)
    })

    it('says so when the wanted offset is beyond the end', async () => {
      const { client, topic } = await bench.topic(1)
      await appendAll(client, someRecords(topic, { count: 5 }))
      await withAssignment(bench, { client, topic }, async (assignment) => {
        assignment.seek(1_000)
        await expect(
          assignment.fetch({ recordsMax: 10, waitMsMax: bench.limits.stepMsMax }),
        ).rejects.toMatchObject({ name: 'LogError', code: 'OFFSET_OUT_OF_RANGE' })
        assignment.seek(2)
        expect(textsOf(await fetchCount(assignment, 3))).toEqual(['v-2', 'v-3', 'v-4'])
      })
    })

    it('says so when the wanted offset is no longer retained', async ({ skip }) => {
      const removeBefore = bench.log.removeBefore?.bind(bench.log)
      if (removeBefore === undefined) return skip('needs a log that can forget records on demand')
      const { client, topic } = await bench.topic(1)
      const groupId = aName('group')
      for (let from = 0; from < 10; from += 5) {
        await appendAll(client, someRecords(topic, { count: 5, from }))
      }
      await withAssignment(bench, { client, topic, groupId }, (assignment) =>
        assignment.commit({ offset: 2, metadata: '' }),
      )
      await removeBefore(topic, 0, 5)
      await bench.eventually('the low watermark moves', async () =>
        expect(await client.watermarks(topic)).toEqual([{ partition: 0, low: 5, high: 10 }]),
      )
      await withAssignment(bench, { client, topic, groupId }, async (assignment) => {
        expect(assignment.committed?.offset).toBe(2)
        await expect(
          assignment.fetch({ recordsMax: 10, waitMsMax: bench.limits.stepMsMax }),
        ).rejects.toMatchObject({ name: 'LogError', code: 'OFFSET_OUT_OF_RANGE' })
        assignment.seek(assignment.watermarks.low)
        expect(textsOf(await fetchCount(assignment, 5))).toEqual(offsetsFrom(5, 5).map((n) => `v-${n}`))
      })
      return undefined
    })

    async function fetchCount(assignment: Assignment, count: number) {
      const records = []
      const deadline = performance.now() + bench.limits.stepMsMax
      while (records.length < count) {
        if (performance.now() > deadline) throw new Error(`fetched ${records.length} of ${count} in time`)
        records.push(...(await assignment.fetch({ recordsMax: count - records.length, waitMsMax: 200 })))
      }
      return records
    }
  })
}

/** Runs the steps inside the loop of a topic's only partition, then drains; an error of the steps is thrown. */
async function withAssignment(
  bench: LogBench,
  given: { client: Log; topic: string; groupId?: string },
  steps: (assignment: Assignment) => Promise<void>,
): Promise<void> {
  const { client, topic, groupId = aName('group') } = given
  let outcome: { error?: unknown } | undefined
  const member = await bench.member({
    log: client,
    topic,
    groupId,
    loop: async (assignment) => {
      outcome ??= await steps(assignment).then(
        () => ({}),
        (error: unknown) => ({ error }),
      )
      await untilAborted(assignment.signal)
    },
  })
  member.start()
  await Promise.race([bench.eventually('the steps end', () => expect(outcome).toBeDefined()), member.stopped])
  await bench.inTime('the drain', member.drain())
  if (outcome?.error !== undefined) throw outcome.error as Error
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

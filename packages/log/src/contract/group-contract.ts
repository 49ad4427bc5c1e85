import { describe, expect, it } from 'vitest'
import { delay } from '@millrace/runtime'
import { PartitionLostError } from '../log-error.ts'
import type { Assignment } from '../log.ts'
import { aName, appendAll, offsetsFrom, someRecords, type LogBench } from './log-bench.ts'
import type { Handled, RecordingMember } from './recording-member.ts'

export function describeGroups(bench: LogBench): void {
  describe('a group', () => {
    it('reads everything with one member', async () => {
      const { client, topic } = await bench.topic(3)
      await appendAll(client, someRecords(topic, { count: 90, partitions: 3 }))
      const member = (await bench.member({ topic, groupId: aName('group') })).start()
      await bench.eventually('all is handled', () => expect(member.handled).toHaveLength(90))
      for (const partition of [0, 1, 2]) {
        expect(member.texts(partition)).toEqual(offsetsFrom(0, 30).map((n) => `v-${n * 3 + partition}`))
      }
      expect([...member.owned].toSorted()).toEqual([0, 1, 2])
    })

    it('spreads the partitions evenly over its members', async () => {
      const { topic } = await bench.topic(4)
      const groupId = aName('group')
      const members = await startMembers([topic, groupId], 3)
      await bench.eventually('the partitions are spread', () => {
        expect(members.map(({ owned }) => owned.size).toSorted()).toEqual([1, 1, 2])
        expectWhole(members, 4)
      })
    })

    it('carries 20,000 records through 4 partitions and 2 members, each once and in order', async () => {
      const { client, topic } = await bench.topic(4)
      const groupId = aName('group')
      const handled: Handled[] = []
      const members = await startMembers([topic, groupId], 2, { handled, recordsMax: 500 })
      await bench.eventually('the partitions are spread', () => expectWhole(members, 4))
      const appender = await client.appender()
      for (let from = 0; from < 20_000; from += 1_000) {
        await appender.append(someRecords(topic, { count: 1_000, partitions: 4, from }))
      }
      await appender.close()
      await bench.eventually('all is handled', () => expect(handled.length).toBeGreaterThanOrEqual(20_000))
      expectEachOnce(handled, { partitions: 4, count: 5_000 })
      for (const member of members) await bench.inTime('the drain', member.drain())
      const committed = await client.committed(groupId, topic)
      expect([...committed.values()].map(({ offset }) => offset)).toEqual([5_000, 5_000, 5_000, 5_000])
    })

    it('loses and repeats nothing while members join and leave', async () => {
      const { client, topic } = await bench.topic(4)
      const groupId = aName('group')
      const handled: Handled[] = []
      const appending = appendSlowly(client, topic, { rounds: 60, perRound: 40 })
      const [first] = await startMembers([topic, groupId], 1, { handled })
      await bench.eventually('the first handles', () => expect(handled.length).toBeGreaterThan(100))
      const [second] = await startMembers([topic, groupId], 1, { handled })
      await bench.eventually('both own some', () => expectSpread([first!, second!], 4))
      await bench.inTime('the first leaves', first!.drain())
      await bench.eventually('the second owns all', () => expect(second!.owned.size).toBe(4))
      const [third] = await startMembers([topic, groupId], 1, { handled })
      await bench.eventually('both own some', () => expectSpread([second!, third!], 4))
      await appending
      await bench.eventually('all is handled', () => expect(handled.length).toBeGreaterThanOrEqual(2_400))
      expectEachOnce(handled, { partitions: 4, count: 600 })
    })

    it('hands a partition over only after its loop has ended', async () => {
      const { topic } = await bench.topic(2)
      const groupId = aName('group')
      const log: string[] = []
      const loop =
        (name: string) =>
        async ({ partition, signal }: Assignment) => {
          log.push(`${name} starts ${partition}`)
          await untilAborted(signal)
          await delay(300)
          log.push(`${name} ends ${partition}`)
        }
      const first = (await bench.member({ topic, groupId, loop: loop('first') })).start()
      await bench.eventually('the first owns both', () => expect(first.owned.size).toBe(2))
      const second = (await bench.member({ topic, groupId, loop: loop('second') })).start()
      await bench.eventually('the second owns one', () => expect(second.owned.size).toBe(1))
      const [moved] = [...second.owned]
      expect(log.indexOf(`first ends ${moved}`)).toBeGreaterThan(-1)
      expect(log.indexOf(`first ends ${moved}`)).toBeLessThan(log.indexOf(`second starts ${moved}`))
    })

    it('lets a revoked loop commit what it has in hand, and gives that to the next owner', async () => {
      const { client, topic } = await bench.topic(1)
      const groupId = aName('group')
      await appendAll(client, someRecords(topic, { count: 10 }))
      const first = await bench.member({
        topic,
        groupId,
        loop: async (assignment) => {
          await untilAborted(assignment.signal)
          await assignment.commit({ offset: 7, metadata: 'in hand' })
        },
      })
      first.start()
      await bench.eventually('it owns the partition', () => expect(first.owned.size).toBe(1))
      await bench.inTime('the drain', first.drain())
      const second = (await bench.member({ topic, groupId })).start()
      await bench.eventually('the next owner resumes', () =>
        expect(second.texts()).toEqual(['v-7', 'v-8', 'v-9']),
      )
      expect(second.assignments[0]!.committed).toEqual({ offset: 7, metadata: 'in hand' })
    })

    it('drains only when the loop in hand has ended, and then owns nothing', async () => {
      const { topic } = await bench.topic(1)
      let ended = false
      const member = await bench.member({
        topic,
        groupId: aName('group'),
        loop: async ({ signal }) => {
          await untilAborted(signal)
          await delay(400)
          ended = true
        },
      })
      member.start()
      await bench.eventually('it owns the partition', () => expect(member.owned.size).toBe(1))
      await bench.inTime('the drain', member.drain())
      expect(ended).toBe(true)
      await bench.inTime('run', member.stopped)
    })

    it('refuses the commit of a member that lost its partition', async () => {
      const { client, topic } = await bench.topic(1)
      const groupId = aName('group')
      const release = new AbortController()
      const held: Assignment[] = []
      const stubborn = await bench.member({
        topic,
        groupId,
        loop: async (assignment) => {
          held.push(assignment)
          await untilAborted(release.signal) // long after its own signal
        },
      })
      stubborn.start()
      await bench.eventually('it owns the partition', () => expect(held).toHaveLength(1))
      await held[0]!.commit({ offset: 0, metadata: 'by the owner' })
      const draining = stubborn.drain()
      draining.catch(() => undefined)
      release.abort()
      await bench.inTime('the drain', draining)
      const next = await bench.member({
        topic,
        groupId,
        loop: async (assignment) => {
          await assignment.commit({ offset: 0, metadata: 'by the next' })
          await untilAborted(assignment.signal)
        },
      })
      next.start()
      await bench.eventually('the next commits', async () =>
        expect((await client.committed(groupId, topic)).get(0)?.metadata).toBe('by the next'),
      )
      await expect(held[0]!.commit({ offset: 0, metadata: 'too late' })).rejects.toBeInstanceOf(
        PartitionLostError,
      )
      expect((await client.committed(groupId, topic)).get(0)?.metadata).toBe('by the next')
    })

    it('fences a loop that does not end in time after its partition was taken away', async () => {
      const { topic } = await bench.topic(2)
      const groupId = aName('group')
      const release = new AbortController()
      const held: Assignment[] = []
      const stubborn = await bench.member({
        topic,
        groupId,
        loop: async (assignment) => {
          held.push(assignment)
          await untilAborted(release.signal)
        },
      })
      stubborn.start()
      await bench.eventually('it owns both', () => expect(held).toHaveLength(2))
      const next = (await bench.member({ topic, groupId })).start()
      await bench.eventually('the next owns one', () => expect(next.owned.size).toBe(1))
      const lost = held.find(({ partition }) => next.owned.has(partition))
      expect(lost!.signal.aborted).toBe(true)
      await expect(lost!.commit({ offset: 0, metadata: 'too late' })).rejects.toBeInstanceOf(
        PartitionLostError,
      )
      release.abort()
    })

    it('stops with the error of a loop that rejects', async () => {
      const { client, topic } = await bench.topic(2)
      const groupId = aName('group')
      await appendAll(client, someRecords(topic, { count: 2, partitions: 2 }))
      const member = await bench.member({
        topic,
        groupId,
        loop: async ({ partition, signal }) => {
          if (partition === 1) throw new Error('the work failed')
          await untilAborted(signal)
        },
      })
      member.start()
      await expect(bench.inTime('run', member.stopped)).rejects.toThrow('the work failed')
      const next = (await bench.member({ topic, groupId })).start()
      await bench.eventually('another member takes over', () => expect(next.handled).toHaveLength(2))
    })

    it('does not stop for a loop that ends because its partition is lost', async () => {
      const { topic } = await bench.topic(1)
      const member = await bench.member({
        topic,
        groupId: aName('group'),
        loop: async ({ signal }) => {
          await untilAborted(signal)
          throw new PartitionLostError('gone')
        },
      })
      member.start()
      await bench.eventually('it owns the partition', () => expect(member.owned.size).toBe(1))
      await bench.inTime('the drain', member.drain())
    })

    async function startMembers(
      [topic, groupId]: [string, string],
      count: number,
      options: { handled?: Handled[]; recordsMax?: number } = {},
    ): Promise<RecordingMember[]> {
      const members = []
      for (let index = 0; index < count; index++) {
        members.push((await bench.member({ topic, groupId, ...options })).start())
      }
      return members
    }

    async function appendSlowly(
      client: Awaited<ReturnType<typeof bench.client>>,
      topic: string,
      { rounds, perRound }: { rounds: number; perRound: number },
    ): Promise<void> {
      const appender = await client.appender()
      for (let round = 0; round < rounds; round++) {
        await appender.append(someRecords(topic, { count: perRound, partitions: 4, from: round * perRound }))
        await delay(20)
      }
      await appender.close()
    }
  })
}

function expectWhole(members: readonly RecordingMember[], partitions: number): void {
  const owned = members.flatMap((member) => [...member.owned]).toSorted((a, b) => a - b)
  expect(owned).toEqual(offsetsFrom(0, partitions))
}

function expectSpread(members: readonly RecordingMember[], partitions: number): void {
  expectWhole(members, partitions)
  for (const { owned } of members) expect(owned.size).toBe(partitions / members.length)
}

function expectEachOnce(handled: readonly Handled[], expected: { partitions: number; count: number }): void {
  for (let partition = 0; partition < expected.partitions; partition++) {
    const own = handled.filter((one) => one.partition === partition)
    expect(own.map(({ offset }) => offset)).toEqual(offsetsFrom(0, expected.count))
    expect(own.map(({ text }) => text)).toEqual(
      offsetsFrom(0, expected.count).map((n) => `v-${n * expected.partitions + partition}`),
    )
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

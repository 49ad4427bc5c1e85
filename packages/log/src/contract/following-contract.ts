import { describe, expect, it } from 'vitest'
import { appendAll, offsetsFrom, someRecords, type LogBench } from './log-bench.ts'

export function describeFollowing(bench: LogBench): void {
  describe('following', () => {
    it('passes on what is there before it resolves, then what comes, until stopped', async () => {
      const { client, topic } = await bench.topic(2)
      await appendAll(client, someRecords(topic, { count: 500, partitions: 2 }))
      const offsets: number[] = []
      const errors: unknown[] = []
      const follower = await bench.client()
      const following = await bench.inTime(
        'the replay',
        follower.follow({
          topic,
          partition: 1,
          onRecord: ({ offset }) => offsets.push(offset),
          onError: (error) => errors.push(error),
        }),
      )
      expect(offsets).toEqual(offsetsFrom(0, 250))
      await appendAll(client, someRecords(topic, { count: 20, partitions: 2 }))
      await bench.eventually('the tail arrives', () => expect(offsets).toEqual(offsetsFrom(0, 260)))
      await following.stop()
      await appendAll(client, someRecords(topic, { count: 2, partitions: 2 }))
      expect(offsets).toHaveLength(260)
      expect(errors).toEqual([])
    })

    it('resolves at once on an empty partition, and then tails it', async () => {
      const { client, topic } = await bench.topic(1)
      const texts: string[] = []
      const following = await bench.inTime(
        'the replay of nothing',
        client.follow({
          topic,
          partition: 0,
          onRecord: ({ value }) => texts.push(value.toString()),
          onError: (error) => texts.push(String(error)),
        }),
      )
      await appendAll(client, someRecords(topic, { count: 3 }))
      await bench.eventually('the records arrive', () => expect(texts).toEqual(['v-0', 'v-1', 'v-2']))
      await following.stop()
    })
  })
}

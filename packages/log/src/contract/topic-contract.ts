import { describe, expect, it } from 'vitest'
import { aName, appendAll, someRecords, type LogBench } from './log-bench.ts'
import { readAll } from './read-all.ts'

export function describeTopics(bench: LogBench): void {
  describe('topics', () => {
    const spec = (topic: string, partitions: number) => ({
      topic,
      partitions,
      retentionMs: 86_400_000,
      replicationFactor: 1,
    })

    it('creates a topic once, whoever asks again', async () => {
      const { client, topic } = await bench.topic(3)
      await appendAll(client, someRecords(topic, { count: 1 }))
      await client.createTopics([spec(topic, 3)])
      expect(await client.partitionCount(topic)).toBe(3)
      expect(await client.watermarks(topic)).toEqual([
        { partition: 0, low: 0, high: 1 },
        { partition: 1, low: 0, high: 0 },
        { partition: 2, low: 0, high: 0 },
      ])
    })

    it('lets several clients create the same topics at once', async () => {
      const clients = await Promise.all([bench.client(), bench.client(), bench.client()])
      const topics = [spec(aName('topic'), 2), spec(aName('topic'), 1)]
      await Promise.all(clients.map((client) => client.createTopics(topics)))
      for (const client of clients) expect(await client.partitionCount(topics[0]!.topic)).toBe(2)
    })

    it('refuses another partition count for a topic that is there', async () => {
      const { client, topic } = await bench.topic(2)
      await expect(client.createTopics([spec(topic, 3)])).rejects.toMatchObject({
        name: 'LogError',
        code: 'PARTITION_COUNT_DIFFERS',
        retriable: false,
      })
      expect(await client.partitionCount(topic)).toBe(2)
    })

    it('reads a secret topic as any other, also one that was not secret before', async () => {
      const { client, topic } = await bench.topic(1)
      await appendAll(client, someRecords(topic, { count: 3 }))
      await client.createTopics([{ ...spec(topic, 1), isSecret: true }])
      await client.createTopics([{ ...spec(topic, 1), isSecret: true }])
      await appendAll(client, someRecords(topic, { count: 3, from: 3 }))
      const records = await readAll(bench, await bench.client(), { topic, partition: 0 })
      expect(records.map(({ offset, text }) => `${offset} ${text}`)).toEqual([
        '0 v-0',
        '1 v-1',
        '2 v-2',
        '3 v-3',
        '4 v-4',
        '5 v-5',
      ])
    })

    it('does not know a topic that nobody created', async () => {
      const client = await bench.client()
      const topic = aName('missing')
      const unknown = { name: 'LogError', code: 'UNKNOWN_TOPIC' }
      await expect(client.partitionCount(topic)).rejects.toMatchObject(unknown)
      await expect(client.watermarks(topic)).rejects.toMatchObject(unknown)
    })
  })
}

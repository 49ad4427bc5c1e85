import { describe, expect, it } from 'vitest'
import type { AppendRecord, Log, Position } from '../log.ts'
import { aName, appendAll, offsetsFrom, someRecords, type LogBench } from './log-bench.ts'
import { readAll } from './read-all.ts'

export function describeAppending(bench: LogBench): void {
  describe('appending', () => {
    it('answers with the places in the order given, without a gap in a partition', async () => {
      const { client, topic } = await bench.topic(3)
      const appender = await client.appender()
      const first = await appender.append(someRecords(topic, { count: 9, partitions: 3 }))
      expect(first).toEqual(
        [0, 1, 2, 0, 1, 2, 0, 1, 2].map((partition, index) => ({ partition, offset: Math.floor(index / 3) })),
      )
      const second = await appender.append(someRecords(topic, { count: 2, partitions: 1 }))
      expect(second).toEqual([
        { partition: 0, offset: 3 },
        { partition: 0, offset: 4 },
      ])
      await appender.close()
    })

    it('keeps the order within a partition and puts each record where it was told to', async () => {
      const { client, topic } = await bench.topic(2)
      const appender = await client.appender()
      for (let from = 0; from < 50; from += 10) {
        await appender.append(someRecords(topic, { count: 10, partitions: 2, from }))
      }
      await appender.close()
      for (const partition of [0, 1]) {
        const records = await readAll(bench, client, { topic, partition })
        expect(records.map(({ offset }) => offset)).toEqual(offsetsFrom(0, 25))
        expect(records.map(({ text }) => text)).toEqual(
          offsetsFrom(0, 25).map((n) => `v-${n * 2 + partition}`),
        )
      }
    })

    it('keeps keys, empty values and the time of the append', async () => {
      const { client, topic } = await bench.topic(1)
      const before = Date.now()
      await appendAll(client, [
        { topic, partition: 0, key: null, value: Buffer.from([0, 255, 128]) },
        { topic, partition: 0, key: Buffer.from('clé'), value: Buffer.alloc(0) },
      ])
      const [first, second] = await readAll(bench, client, { topic, partition: 0 })
      expect([first!.key, first!.bytes]).toEqual([null, Buffer.from([0, 255, 128])])
      expect([second!.key, second!.bytes]).toEqual([Buffer.from('clé'), Buffer.alloc(0)])
      expect(first!.appendedAt).toBeGreaterThan(before - 60_000)
      expect(first!.appendedAt).toBeLessThan(Date.now() + 60_000)
    })

    it('appends to several topics in one call', async () => {
      const { client, topic } = await bench.topic(1)
      const { topic: other } = await bench.topic(1)
      const records = [...someRecords(topic, { count: 2 }), ...someRecords(other, { count: 1, text: 'o' })]
      expect((await appendAll(client, records)).map(({ offset }) => offset)).toEqual([0, 1, 0])
      const read = await readAll(bench, client, { topic: other, partition: 0 })
      expect(read.map(({ text }) => text)).toEqual(['o-0'])
    })

    it('appends nothing when given nothing', async () => {
      const { client } = await bench.topic(1)
      expect(await appendAll(client, [])).toEqual([])
    })

    it('has what it acknowledged after all clients closed', async () => {
      const topic = aName('topic')
      const client = await bench.log.open()
      await client.createTopics([{ topic, partitions: 1, retentionMs: 86_400_000, replicationFactor: 1 }])
      await appendAll(client, someRecords(topic, { count: 100 }))
      await client.close()
      const reopened = await bench.client()
      expect(await readAll(bench, reopened, { topic, partition: 0 })).toHaveLength(100)
      expect(await appendAll(reopened, someRecords(topic, { count: 1 }))).toEqual([
        { partition: 0, offset: 100 },
      ])
    })

    it('gives two appenders at once places of their own, each in its order', async () => {
      const { client, topic } = await bench.topic(2)
      const other = await bench.client()
      const run = async (log: Log, text: string) => {
        const appender = await log.appender()
        const positions: Position[] = []
        for (let from = 0; from < 200; from += 20) {
          positions.push(
            ...(await appender.append(someRecords(topic, { count: 20, partitions: 2, from, text }))),
          )
        }
        await appender.close()
        return positions
      }
      const positions = (await Promise.all([run(client, 'a'), run(other, 'b')])).flat()
      for (const partition of [0, 1]) {
        const offsets = positions
          .filter((position) => position.partition === partition)
          .map(({ offset }) => offset)
        expect(offsets.toSorted((a, b) => a - b)).toEqual(offsetsFrom(0, 200))
        const texts = (await readAll(bench, client, { topic, partition })).map(({ text }) => text)
        for (const text of ['a', 'b']) {
          const own = texts.filter((candidate) => candidate.startsWith(text))
          expect(own).toEqual(offsetsFrom(0, 100).map((n) => `${text}-${n * 2 + partition}`))
        }
      }
    })

    it('takes records of 900 kB, and refuses values above 1,000,000 bytes without writing any of the call', async () => {
      const { client, topic } = await bench.topic(1)
      const appender = await client.appender()
      const sized = (bytes: number): AppendRecord => ({
        topic,
        partition: 0,
        key: null,
        value: Buffer.alloc(bytes, bytes % 251),
      })
      await appender.append([sized(900_000), sized(900_001), sized(1_000_000)])
      await expect(appender.append([sized(1), sized(1_000_001)])).rejects.toMatchObject({
        name: 'LogError',
        code: 'RECORD_TOO_LARGE',
        retriable: false,
      })
      expect(await appender.append([sized(2)])).toEqual([{ partition: 0, offset: 3 }])
      await appender.close()
      const records = await readAll(bench, client, { topic, partition: 0 })
      expect(records.map(({ bytes }) => bytes.length)).toEqual([900_000, 900_001, 1_000_000, 2])
      expect(records[1]!.bytes.equals(sized(900_001).value)).toBe(true)
    })

    it('refuses records for a topic or partition that is not there', async () => {
      const { client, topic } = await bench.topic(1)
      const appender = await client.appender()
      const unknown = { name: 'LogError', code: 'UNKNOWN_TOPIC' }
      const lost = someRecords(aName('missing'), { count: 1 })
      await expect(appender.append(lost)).rejects.toMatchObject(unknown)
      await expect(appender.append([{ ...lost[0]!, topic, partition: 7 }])).rejects.toMatchObject(unknown)
      await appender.close()
    })
  })
}

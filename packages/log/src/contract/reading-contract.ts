import { describe, expect, it } from 'vitest'
import type { Log } from '../log.ts'
import { aName, appendAll, someRecords, type LogBench } from './log-bench.ts'

export function describeReading(bench: LogBench): void {
  describe('reading one record', () => {
    const textAt = async (client: Log, topic: string, offset: number) =>
      (await bench.inTime('the read', client.read({ topic, partition: 1, offset })))?.value.toString()

    it('gives the record at an offset, wherever it lies in what was appended together', async () => {
      const { client, topic } = await bench.topic(2)
      await appendAll(client, someRecords(topic, { count: 100, partitions: 2 }))
      await appendAll(client, someRecords(topic, { count: 100, partitions: 2, from: 100 }))
      const reader = await bench.client()
      for (const offset of [0, 1, 49, 50, 77, 99]) {
        expect(await textAt(reader, topic, offset)).toBe(`v-${2 * offset + 1}`)
      }
      const record = await reader.read({ topic, partition: 1, offset: 77 })
      expect(record).toMatchObject({ offset: 77, key: Buffer.from('k-1') })
      expect(Math.abs((record?.appendedAt ?? 0) - Date.now())).toBeLessThan(60_000)
    })

    it('says that there is none where none was appended, and does not wait for one', async () => {
      const { client, topic } = await bench.topic(2)
      expect(await textAt(client, topic, 0)).toBeUndefined()
      await appendAll(client, someRecords(topic, { count: 6, partitions: 2 }))
      expect(await textAt(client, topic, 2)).toBe('v-5')
      expect(await textAt(client, topic, 3)).toBeUndefined()
      expect(await textAt(client, topic, 4)).toBeUndefined()
    })

    it('says that there is none where retention has passed', async ({ skip }) => {
      const removeBefore = bench.log.removeBefore?.bind(bench.log)
      if (removeBefore === undefined) return skip('needs a log that can forget records on demand')
      const { client, topic } = await bench.topic(2)
      for (let call = 0; call < 4; call++)
        await appendAll(client, someRecords(topic, { count: 10, partitions: 2, from: 10 * call }))
      await removeBefore(topic, 1, 10)
      await bench.eventually('the old ones are gone', async () =>
        expect(await textAt(client, topic, 9)).toBeUndefined(),
      )
      expect(await textAt(client, topic, 10)).toBe('v-21')
    })

    it('does not know a topic or a partition that is not there', async () => {
      const { client, topic } = await bench.topic(1)
      const unknown = { name: 'LogError', code: 'UNKNOWN_TOPIC' }
      await expect(client.read({ topic: aName('missing'), partition: 0, offset: 0 })).rejects.toMatchObject(
        unknown,
      )
      await expect(client.read({ topic, partition: 1, offset: 0 })).rejects.toMatchObject(unknown)
    })
  })
}

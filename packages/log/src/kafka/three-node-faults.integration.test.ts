import { describe, expect, it, vi } from 'vitest'
import { delay } from '@millrace/runtime'
import type { Position } from '../log.ts'
import { kafkaUnavailable, startKafka } from '../testing.ts'
import { aName, FaultBench, numbered, textsAt } from './fault-bench.ts'

const missing = await kafkaUnavailable({ brokers: 3, faults: true })
vi.setConfig({ testTimeout: 90_000 })

describe.skipIf(missing !== undefined)(missing ?? 'three Kafka nodes with faults', () => {
  const bench = new FaultBench(() => startKafka({ brokers: 3, faults: true }))

  it(
    'loses and repeats nothing acknowledged when leaders and the coordinator are killed in turn',
    { timeout: 120_000 },
    async () => {
      const log = await bench.open({ requestTimeoutMs: 3_000, appendMsMax: 40_000 })
      const topic = await bench.topic(log, { partitions: 3, replicationFactor: 3 })
      const reader = bench.read(log, { groupId: aName('group'), topic, sessionTimeoutMs: 20_000 })
      const appender = await log.appender()
      const acknowledged: Position[] = []
      const append = async (rounds: number): Promise<void> => {
        for (let round = 0; round < rounds; round++) {
          acknowledged.push(...(await appender.append(numbered(topic, acknowledged.length, 30, 3))))
          await delay(10)
        }
      }
      await append(20)
      for (const node of bench.kafka.nodes) {
        const appending = append(40)
        await node.kill()
        await appending
        await node.start()
        await append(5)
      }
      await bench.eventually(() => expect(new Set(reader.texts).size).toBe(acknowledged.length))
      await reader.stop()
      expect(reader.texts).toHaveLength(acknowledged.length)
      expect(await bench.readTexts(log, topic, 3)).toEqual(textsAt(acknowledged))
    },
  )

  it('reads and writes what has a leader while another topic has lost one', async () => {
    const log = await bench.open()
    await bench.topic(log, { partitions: 3, replicationFactor: 1 })
    const topic = await bench.topic(log, { partitions: 2, replicationFactor: 3 })
    const [first] = bench.kafka.nodes
    await first!.kill()
    const second = await bench.open({ requestTimeoutMs: 3_000, appendMsMax: 30_000 })
    const appender = await second.appender()
    expect(await appender.append(numbered(topic, 0, 4))).toHaveLength(4)
    const reader = bench.read(second, { groupId: aName('group'), topic })
    await bench.eventually(() => expect(reader.texts).toHaveLength(4))
    await reader.stop()
    await first!.start()
  })

  it(
    'rejects an append while too few copies are there, and takes it when they are back',
    { timeout: 60_000 },
    async () => {
      const log = await bench.open({ requestTimeoutMs: 2_000, appendMsMax: 3_000 })
      const topic = await bench.topic(log, { partitions: 1, replicationFactor: 3 })
      const appender = await log.appender()
      const one = (text: string) => ({ topic, partition: 0, key: null, value: Buffer.from(text) })
      await appender.append([one('before')])
      const [first, second] = bench.kafka.nodes
      await Promise.all([first!.kill(), second!.kill()])
      await expect(appender.append([one('during')])).rejects.toMatchObject({
        name: 'LogError',
        code: 'LOG_UNAVAILABLE',
        retriable: true,
      })
      await Promise.all([first!.start(), second!.start()])
      await bench.eventually(() => appender.append([one('after')]))
      const texts = await bench.readTexts(log, topic, 1)
      expect(texts[0]![0]).toBe('before')
      expect(texts[0]!.at(-1)).toBe('after')
    },
  )
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeTally, topics, topicSpecs, type TallyCount } from '@millrace/events'
import { openLog, type Log } from '@millrace/log'
import { createLogger, Metrics } from '@millrace/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { startProducer } from './start.ts'

const aBrowser =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
let directory: string
let log: Log

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-books-'))
  log = await openLog({ DATA_DIR: directory, EMBEDDED_LOG_BYTES_MAX: 2 ** 28 }, { clientId: 'test' })
  await log.createTopics(
    topicSpecs({ partitions: 4, replicationFactor: 1, rawRetentionH: 24, enrichedRetentionH: 24 }),
  )
})

afterEach(async () => {
  await log.close()
  await rm(directory, { recursive: true, force: true })
})

/** What the books say when all is written: the greatest totals of each page. */
async function totals(): Promise<TallyCount[]> {
  const greatest = new Map<string, TallyCount>()
  const following = await log.follow({
    topic: topics.books,
    partition: 0,
    onRecord: ({ value }) => {
      const { counterId, counts } = decodeTally(value)
      for (const count of counts) greatest.set(`${counterId} ${count.slice(0, 4).join(' ')}`, count)
    },
    onError: (error) => {
      throw error
    },
  })
  await following.stop()
  return [...greatest.values()]
}

describe('a producer that drains under load', () => {
  it('has counted each event that it answered as accepted, with its place', async () => {
    const config = readConfig({ HOST: '127.0.0.1', PORT: '0', DATA_DIR: directory })
    const logger = createLogger({ name: 'test', level: 'silent' })
    const fail = (error: unknown): never => {
      throw error
    }
    const producer = await startProducer(config, { logger, metrics: new Metrics(), fail })
    const send = async (visitor: number): Promise<string> => {
      const headers = { 'user-agent': aBrowser, 'x-forwarded-for': `81.2.69.${String(visitor % 250)}` }
      const body = JSON.stringify({ n: 'pageview', u: 'https://a.example/', d: 'a.example,b.example' })
      const url = `http://127.0.0.1:${String(producer.port)}/api/event`
      const response = await fetch(url, { method: 'POST', headers, body })
      return response.status === 202 ? (response.headers.get('x-millrace-receipt') ?? '') : ''
    }
    const answers = Array.from({ length: 300 }, (_, visitor) => send(visitor).catch(() => ''))
    await Promise.race(answers)
    await producer.drain()
    const receipts = (await Promise.all(answers)).filter((receipt) => receipt !== '')
    expect(receipts.length).toBeGreaterThan(0)

    const counts = await totals()
    const bySite = (site: string) => counts.filter(([, counted]) => counted === site)
    for (const site of ['a.example', 'b.example'])
      expect(bySite(site).reduce((sum, [, , , , accepted]) => sum + accepted, 0)).toBe(receipts.length)
    const places = receipts.flatMap((receipt) => receipt.split(','))
    for (const partition of [0, 1, 2, 3]) {
      const offsets = places.flatMap((place) => {
        const [own, offset] = place.split('-').map(Number)
        return own === partition ? [offset ?? 0] : []
      })
      const counted = counts.filter(([, , , own]) => own === partition).map((count) => count[5])
      expect(Math.max(-1, ...counted)).toBe(Math.max(-1, ...offsets))
    }
  })
})

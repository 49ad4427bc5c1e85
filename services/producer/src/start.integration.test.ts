import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeRawEvent, topics, topicSpecs, type RawEvent } from '@millrace/events'
import { openLog, type Log } from '@millrace/log'
import { Metrics, OptionsError, type Logger } from '@millrace/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readConfig } from './config.ts'
import { startProducer, type RunningProducer } from './start.ts'

const aBrowser =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
let directory: string
let log: Log
let producer: RunningProducer | undefined
let lines: string[]

beforeEach(async () => {
  lines = []
  directory = await mkdtemp(join(tmpdir(), 'millrace-producer-'))
  log = await openLog({ DATA_DIR: directory, EMBEDDED_LOG_BYTES_MAX: 2 ** 28 }, { clientId: 'test' })
})

afterEach(async () => {
  await producer?.drain()
  producer = undefined
  await log.close()
  await rm(directory, { recursive: true, force: true })
})

const createTopics = () =>
  log.createTopics(
    topicSpecs({ partitions: 4, replicationFactor: 1, rawRetentionH: 24, enrichedRetentionH: 24 }),
  )

async function start(environment: Record<string, string> = {}): Promise<RunningProducer> {
  const config = readConfig({ HOST: '127.0.0.1', PORT: '0', DATA_DIR: directory, ...environment })
  const write = (...given: unknown[]) => lines.push(JSON.stringify(given))
  const logger = { info: write, warn: write, error: write, fatal: write } as unknown as Logger
  const fail = (error: unknown): never => {
    throw error
  }
  producer = await startProducer(config, { logger, metrics: new Metrics(), fail })
  return producer
}

function post(port: number, body: object): Promise<Response> {
  return fetch(`http://127.0.0.1:${String(port)}/api/event`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain', 'user-agent': aBrowser },
    body: JSON.stringify(body),
  })
}

/** The raw events in the log, by their places as receipts name them. */
async function rawEvents(): Promise<Map<string, RawEvent>> {
  const found = new Map<string, RawEvent>()
  for (let partition = 0; partition < 4; partition++) {
    const following = await log.follow({
      topic: topics.raw,
      partition,
      onRecord: ({ offset, value }) => {
        found.set(`${String(partition)}-${String(offset)}`, decodeRawEvent(value))
      },
      onError: (error) => {
        throw error
      },
    })
    await following.stop()
  }
  return found
}

describe('the producer on the embedded log', () => {
  it('puts each event where its receipt says, for many senders at once', async () => {
    await createTopics()
    const { port } = await start()
    const receipts = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const body = { n: `event ${String(index)}`, u: 'https://a.example/', d: 'a.example,b.example' }
        const response = await post(port, body)
        expect(response.status).toBe(202)
        return { name: body.n, places: response.headers.get('x-millrace-receipt')?.split(',') ?? [] }
      }),
    )
    const found = await rawEvents()
    expect(found.size).toBe(400)
    for (const { name, places } of receipts) {
      expect(places.map((place) => [found.get(place)?.name, found.get(place)?.site])).toEqual([
        [name, 'a.example'],
        [name, 'b.example'],
      ])
    }
  })

  it('keeps every event it has answered with 202 when it drains under load', async () => {
    await createTopics()
    const running = await start()
    const answers = Array.from({ length: 300 }, (_, index) =>
      post(running.port, { n: `event ${String(index)}`, u: 'https://a.example/' }).catch(() => undefined),
    )
    await Promise.race(answers)
    await running.drain()
    producer = undefined
    const accepted = (await Promise.all(answers)).filter((response) => response?.status === 202)
    const found = await rawEvents()
    expect(accepted.length).toBeGreaterThan(0)
    for (const response of accepted)
      expect(found.has(response?.headers.get('x-millrace-receipt') ?? '')).toBe(true)
  })

  it('waits for the raw topic, not ready meanwhile, and never creates it', async () => {
    const { port } = await start()
    const ready = async () => fetch(`http://127.0.0.1:${String(port)}/readyz`)
    expect((await ready()).status).toBe(503)
    expect((await post(port, { n: 'pageview', u: 'https://a.example/' })).status).toBe(503)
    await expect(log.partitionCount(topics.raw)).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' })
    await createTopics()
    await vi.waitFor(async () => {
      expect((await ready()).status).toBe(200)
    }, 10_000)
    expect((await post(port, { n: 'pageview', u: 'https://a.example/' })).status).toBe(202)
  })

  it('takes over a port that an old instance lets go of', async () => {
    await createTopics()
    const old = createServer()
    old.listen(0, '127.0.0.1')
    await once(old, 'listening')
    const { port } = old.address() as AddressInfo
    const starting = start({ PORT: String(port) })
    await new Promise((resolve) => setImmediate(resolve))
    old.close()
    expect((await starting).port).toBe(port)
    expect((await post(port, { n: 'pageview', u: 'https://a.example/' })).status).toBe(202)
  })

  it('follows the sites file', async () => {
    await createTopics()
    const file = join(directory, 'sites.json')
    await writeFile(file, JSON.stringify({ sites: [{ domain: 'a.example' }] }))
    const { port } = await start({ SITES_FILE: file })
    const dropped = async () => {
      const response = await post(port, { n: 'pageview', u: 'https://b.example/', d: 'b.example' })
      return response.headers.get('x-plausible-dropped')
    }
    expect(await dropped()).toBe('1')
    await writeFile(file, JSON.stringify({ sites: [{ domain: 'b.example' }] }))
    await vi.waitFor(async () => {
      expect(await dropped()).toBeNull()
    }, 10_000)
  })

  it('serves its metrics', async () => {
    await createTopics()
    const { port } = await start()
    await post(port, { n: 'pageview', u: 'https://a.example/' })
    const text = await (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text()
    expect(text).toContain('millrace_events_accepted_total{protocol="plausible"} 1')
    expect(text).toContain('millrace_events_appended_total 1')
    expect(text).toContain('millrace_append_batch_duration_seconds_count 1')
    expect(text).toContain('millrace_backlog_fill_ratio 0')
  })

  describe('with Kafka out of reach', () => {
    const nowhere = { KAFKA_BROKERS: '127.0.0.1:1', LOG_LEVEL: 'silent' }
    const spilled = () => join(directory, 'spill', '0', 'data.mdb')

    it('takes events onto the disk where Kafka was seen before, ready, and ends in order', async () => {
      await mkdir(join(directory, 'spill'))
      await writeFile(join(directory, 'spill', 'raw-topic.json'), '{"rawPartitions":4}')
      const running = await start(nowhere)
      const response = await post(running.port, { n: 'pageview', u: 'https://a.example/' })
      expect([response.status, response.headers.get('x-millrace-receipt')]).toEqual([202, null])
      const ready = await fetch(`http://127.0.0.1:${String(running.port)}/readyz`)
      expect([ready.status, await ready.json()]).toEqual([
        200,
        { status: 'ready', notes: { spill: 'spilling, 0 % full' } },
      ])
      const text = await (await fetch(`http://127.0.0.1:${String(running.port)}/metrics`)).text()
      expect(text).toContain('millrace_events_spilled_total 1')
      expect(text).toContain('millrace_spill_records 1')
      await running.drain()
      producer = undefined
      expect(existsSync(spilled())).toBe(true)
    })

    it.each([
      ['where Kafka was never seen', {}],
      ['when it is told not to spill', { SPILL_BYTES_MAX: '0' }],
    ])('answers 503, not ready, %s', async (_, environment) => {
      const { port } = await start({ ...nowhere, ...environment })
      expect((await post(port, { n: 'pageview', u: 'https://a.example/' })).status).toBe(503)
      const ready = await fetch(`http://127.0.0.1:${String(port)}/readyz`)
      expect([ready.status, await ready.json()]).toEqual([
        503,
        { status: 'not ready', reasons: { log: 'not connected yet' } },
      ])
      expect(existsSync(spilled())).toBe(false)
    })

    it('does not start where it can neither spill nor is told not to', async () => {
      await writeFile(join(directory, 'spill'), 'no directory')
      await expect(start(nowhere)).rejects.toThrow(
        /^invalid options: DATA_DIR: .*SPILL_BYTES_MAX=0 does without$/,
      )
      await start({ ...nowhere, SPILL_BYTES_MAX: '0' })
    })

    it('spills before an append’s time is over', async () => {
      await expect(start({ ...nowhere, APPEND_DEADLINE_MS: '1000' })).rejects.toThrow(
        'invalid options: SPILL_AFTER_MS: expected less than APPEND_DEADLINE_MS',
      )
    })
  })

  it.each([
    ['PORT', 'http'],
    ['APPEND_DEADLINE_MS', '-1'],
    ['HEADERS_TIMEOUT_MS', '60000'],
    ['TRUSTED_PROXIES', '10.0.0.0/99'],
  ])('stops the start with one line that names %s when it is impossible', async (name, value) => {
    const starting = start({ [name]: value })
    await expect(starting).rejects.toThrow(OptionsError)
    await expect(starting).rejects.toThrow(new RegExp(`^invalid options: ${name}: .+$`))
  })

  it('follows the sites file under load: sites and rates change without a restart, and a bad version changes nothing', async () => {
    await createTopics()
    const file = join(directory, 'sites.json')
    const put = async (sites: unknown) => {
      await writeFile(`${file}.new`, typeof sites === 'string' ? sites : JSON.stringify({ sites }))
      await rename(`${file}.new`, file)
    }
    await put([{ domain: 'a.example', rateLimit: { eventsPerSecond: 0.001, burst: 1 } }])
    const { port } = await start({ SITES_FILE: file })
    const counts = { requests: 0, unexpected: 0 }
    let load = true
    const sending = Array.from({ length: 4 }, async () => {
      while (load) {
        const { status } = await post(port, { n: 'pageview', u: 'https://other.example/' })
        counts.requests++
        if (status !== 202) counts.unexpected++
      }
    })
    /** Accepted, dropped as an unknown site, or its status. */
    const ask = async (site: string) => {
      const { status, headers } = await post(port, { n: 'pageview', u: 'https://a.example/', d: site })
      return headers.get('x-plausible-dropped') === '1' ? 'dropped' : status
    }
    const metrics = async () => (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text()
    const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 50 })

    expect([await ask('a.example'), await ask('a.example'), await ask('b.example')]).toEqual([
      202,
      429,
      'dropped',
    ])
    await put([{ domain: 'a.example', rateLimit: { eventsPerSecond: 100_000 } }, { domain: 'b.example' }])
    await eventually(async () => expect(await ask('b.example')).toBe(202))
    await eventually(async () => expect(await ask('a.example')).toBe(202))

    await put('{"sites": [\n  {"domain": "c.example", "apiTokens": ["s3cret"]}]}')
    await eventually(async () => expect(await metrics()).toContain('\nmillrace_sites_refused 1\n'))
    expect([await ask('a.example'), await ask('b.example'), await ask('c.example')]).toEqual([
      202,
      202,
      'dropped',
    ])
    const text = lines.join('\n')
    expect(text).toContain('sites[0]: unknown key \\"apiTokens\\" (line 2, column 27)')
    expect(text).not.toContain('s3cret')

    await put([{ domain: 'c.example' }])
    await eventually(async () => expect(await ask('c.example')).toBe(202))
    expect(await ask('b.example')).toBe('dropped')
    expect(await metrics()).toContain('\nmillrace_sites_refused 0\n')
    expect(await metrics()).toContain('millrace_sites_reloads_total{result="taken"} 2')
    load = false
    await Promise.all(sending)
    expect(counts.requests).toBeGreaterThan(20)
    expect(counts.unexpected).toBe(0)
  })
})

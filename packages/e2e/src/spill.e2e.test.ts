import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { kafkaUnavailable, startKafka, type KafkaCluster } from '@millrace/log/testing'
import { Cleanup } from './cleanup.ts'
import { eventually } from './eventually.ts'
import { startLoad } from './faults/open-loop-load.ts'
import { checkRound } from './faults/round-check.ts'
import { SeededRandom } from './faults/seeded-random.ts'
import { SentEvents, type SentEvent } from './faults/sent-events.ts'
import { readStoredIds, readStoredRows, type StoredRows } from './faults/stored-rows.ts'
import { regularSite, roundSite, VisitTraffic } from './faults/visit-traffic.ts'
import { askAsAnalyst } from './pipeline-process.ts'
import { SeparateServices } from './separate-services.ts'
import type { ServiceProcess } from './service-process.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const noKafka = await kafkaUnavailable({ faults: true })
const seed = 20_261_121
const ratePerS = 120
const outageMs = 10_000
const recoveryMsMax = 90_000
const pollMs = 250

describe.skipIf(noKafka !== undefined)(
  'Kafka away' + (noKafka === undefined ? '' : ` ${noKafka}`),
  { timeout: 240_000 },
  () => {
    const cleanup = new Cleanup()
    const sent = new SentEvents()
    const producers: ServiceProcess[] = []
    let kafka: KafkaCluster
    let clickHouse: Awaited<ReturnType<typeof startEmbeddedClickHouse>>
    let services: SeparateServices
    let dataDirectory: string

    beforeAll(async () => {
      const directory = await temporaryDirectory()
      cleanup.defer(directory.remove)
      dataDirectory = directory.path
      kafka = await startKafka({ brokers: 1, faults: true })
      cleanup.defer(() => kafka.close())
      clickHouse = await startEmbeddedClickHouse({ directory: join(directory.path, 'clickhouse'), port: 0 })
      cleanup.defer(() => clickHouse.close())
      services = new SeparateServices({
        KAFKA_BROKERS: kafka.brokers,
        CLICKHOUSE_URL: clickHouse.url,
        DATA_DIR: dataDirectory,
        APPEND_DEADLINE_MS: '10000', // where much else goes on, a write to the disk may take seconds
        KEEP_ALIVE_TIMEOUT_MS: '300000', // no request may meet a connection that is just being closed
      })
      cleanup.defer(() => services.stop())
      await services.migrate()
      await services.start('enricher')
      await services.start('sink')
    })
    afterAll(() => cleanup.run())
    afterEach(async () => {
      for (const producer of producers.splice(0)) await producer.stop()
    })

    const startProducer = async (address?: string) => {
      const started = await services.startProducer(address)
      producers.push(started.service)
      return started
    }
    const loadOn = (url: string, round: number) =>
      startLoad({
        rate: ratePerS,
        urls: [url],
        traffic: new VisitTraffic(round, SeededRandom.at(seed, 'load', round)),
        sent,
        random: SeededRandom.at(seed, 'producers', round),
      })
    const spillDirectories = () =>
      readdirSync(join(dataDirectory, 'spill')).filter((name) => /^\d+$/.test(name))
    const untilDrained = (urls: readonly string[]) =>
      eventually('all that was spilled is in the log', recoveryMsMax, async () => {
        for (const url of urls) {
          expect(await metric(url, 'millrace_spill_records')).toBe(0)
          expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready' })
        }
        expect(spillDirectories()).toEqual([])
      })
    /** What was accepted is there exactly once, in its place and its session; and in the order in which it came. */
    const expectKept = async (rounds: readonly number[]) => {
      const sites = [...rounds.map(roundSite), regularSite]
      await eventually('all that was accepted is stored', recoveryMsMax, async () => {
        const stored = await readStoredIds(clickHouse.url, sites)
        expect(sent.accepted.filter(({ id }) => !stored.has(id)).length).toBe(0)
      })
      await eventually('nothing is wrong with it', recoveryMsMax, async () => {
        const rows = await readStoredRows(clickHouse.url, sites)
        expect(checkRound(sent.all(), rows, { inactivityGapS: 1_800 })).toEqual([])
        expect(outOfOrder(sent.all(), rows)).toEqual([])
      })
    }

    it('takes every event for its length, and stores each once, in order, in its session', async () => {
      const [one, other] = [await startProducer(), await startProducer()]
      const loads = [loadOn(one.url, 1), loadOn(other.url, 2)]
      const readiness = watchReadiness(one.url)
      await sleep(3_000)
      await kafka.nodes[0]!.kill()
      await sleep(outageMs / 2)
      expect(await metric(other.url, 'millrace_spill_records')).toBeGreaterThan(0)
      await other.service.kill()
      const again = await startProducer(other.url)
      expect(await (await fetch(`${again.url}/readyz`)).json()).toMatchObject({
        status: 'ready',
        notes: { spill: expect.stringMatching(/^spilling, \d+ % full$/) as string },
      })
      expect(spillDirectories()).toEqual(['0', '1'])
      await sleep(outageMs / 2)
      await kafka.nodes[0]!.start()
      await sleep(3_000)
      for (const load of loads) await load.stop()
      await untilDrained([one.url, again.url])
      expect(await readiness.stop()).toEqual(new Map([[200, expect.any(Number)]]))
      const statuses = (round: number) =>
        new Set(ofRound(sent, round).flatMap(({ attempts }) => attempts.map(({ status }) => status)))
      expect(statuses(1), one.service.output).toEqual(new Set([202]))
      expect(statuses(2), again.service.output).toEqual(new Set([202, 0])) // 0: while it was killed
      expect(await metric(one.url, 'millrace_events_spilled_total')).toBeGreaterThan(outageMs / 20)
      await expectKept([1, 2])
      expect(await one.service.stop()).toBe(0)
      expect(await again.service.stop()).toBe(0)
    })

    it('lets a producer end in order, and its next start bring what waits to the log', async () => {
      const { url, service } = await startProducer()
      const load = loadOn(url, 3)
      await sleep(1_000)
      await kafka.nodes[0]!.kill()
      await sleep(4_000)
      await load.stop()
      const waiting = await metric(url, 'millrace_spill_records')
      expect(waiting).toBeGreaterThan(0)
      expect(await service.stop()).toBe(0)
      expect(existsSync(join(dataDirectory, 'spill', '0', 'data.mdb'))).toBe(true)
      await kafka.nodes[0]!.start()
      const again = await startProducer()
      await untilDrained([again.url])
      expect(await metric(again.url, 'millrace_spill_drained_total')).toBeGreaterThanOrEqual(waiting)
      await expectKept([1, 2, 3])
      await eventually('the books have counted each once', recoveryMsMax, async () => {
        const answers = ofRound(sent, 3).flatMap(({ attempts }) => attempts)
        const accepted = String(answers.filter(({ status }) => status === 202).length)
        const balance = `SELECT sum(b.accepted) AS accepted, sum(b.in_flight + b.missing + b.surplus) AS odd
          FROM books AS b WHERE site = '${roundSite(3)}'`
        expect(await askAsAnalyst(clickHouse.url, balance)).toEqual([{ accepted, odd: '0' }])
      })
    })
  },
)

async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1])
}

/** Asks all the time, and counts the answers by their status. */
function watchReadiness(url: string): { stop(): Promise<Map<number | string, number>> } {
  const stopping = new AbortController()
  const seen = new Map<number | string, number>()
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      const status = await fetch(`${url}/readyz`).then((answer) => answer.status, String)
      seen.set(status, (seen.get(status) ?? 0) + 1)
      await sleep(pollMs)
    }
  })()
  return {
    stop: async () => {
      stopping.abort()
      await watching
      return seen
    },
  }
}

function ofRound(sent: SentEvents, round: number): SentEvent[] {
  return sent.all().filter(({ site, id }) => site !== regularSite && id.startsWith(`/r${round}-`))
}

/** A visitor's events, all sent to one producer, that lie before one which was answered before they were sent. */
function outOfOrder(sent: readonly SentEvent[], rows: StoredRows): string[] {
  const byId = new Map(sent.map((event) => [event.id, event]))
  const places = [...rows.events, ...rows.drops].toSorted((a, b) => a.rawOffset - b.rawOffset)
  const lastSentAt = new Map<string, number>()
  return places.flatMap(({ id }) => {
    const event = byId.get(id)
    const [attempt] = event?.attempts ?? []
    if (event === undefined || attempt === undefined || event.attempts.length > 1) return []
    if (event.site === regularSite) return []
    const visitor = `${event.address} on ${event.site}`
    const last = lastSentAt.get(visitor) ?? -Infinity
    lastSentAt.set(visitor, Math.max(last, attempt.sentAt))
    return (attempt.answeredAt ?? Infinity) < last ? [`${id} of ${visitor}`] : []
  })
}

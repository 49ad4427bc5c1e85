import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { topics, type EnrichedEvent } from '@millrace/events'
import { anEnrichedEvent } from '@millrace/events/testing'
import { openLog } from '@millrace/log'
import { kafkaUnavailable } from '@millrace/log/testing'
import { referenceSessions } from '@millrace/sessions/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectStoredOnce } from './books.ts'
import { Cleanup } from './cleanup.ts'
import { eventually } from './eventually.ts'
import { startOneNode } from './kafka-node.ts'
import { environmentOf, runMillrace, type CommandEnd } from './millrace-command.ts'
import { aBrowser, PipelineProcess } from './pipeline-process.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const cli = fileURLToPath(new URL('../../../services/cli/bin/millrace.js', import.meta.url))
const storedMsMax = 60_000
const dayMs = 86_400_000
const inactivityGapS = 1_800

/** Three lines as the README shows them: two of one visit across midnight, and one without its time zone. */
const sample = `
{"received_at":"2024-09-30T23:50:00Z","method":"POST","path":"/api/event","headers":{"User-Agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"},"body":"{\\"n\\":\\"pageview\\",\\"d\\":\\"example.com\\",\\"u\\":\\"https://example.com/pricing\\"}","ip":"81.2.69.142"}
{"received_at":1727740865.5,"method":"POST","path":"/api/event","headers":{"User-Agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"},"body":{"n":"Signup","d":"example.com","u":"https://example.com/pricing"},"ip":"81.2.69.142"}
{"received_at":"2024-10-01T00:01:00","method":"POST","path":"/api/event","headers":{},"body":"","ip":"81.2.69.142"}
`.trimStart()

const noKafka = await kafkaUnavailable()

describe.each([
  { log: 'the embedded log', needs: undefined },
  { log: 'Kafka', needs: noKafka },
])('millrace import on $log', ({ log, needs }) => {
  describe.skipIf(needs !== undefined)(needs ?? 'through the whole pipeline', () => {
    const cleanup = new Cleanup()
    let pipeline: PipelineProcess
    let directory: string
    let logEnvironment: Record<string, string>

    beforeAll(async () => {
      const temporary = await temporaryDirectory()
      cleanup.defer(temporary.remove)
      directory = temporary.path
      logEnvironment = log === 'Kafka' ? { KAFKA_BROKERS: await startOneNode(cleanup) } : {}
      pipeline = await PipelineProcess.start({
        dataDirectory: join(directory, 'data'),
        environment: logEnvironment,
      })
      cleanup.defer(async () => expect(await pipeline.process.stop()).toBe(0))
    })
    afterAll(() => cleanup.run())

    const environment = () => ({ ...environmentOf(pipeline, join(directory, 'data')), ...logEnvironment })
    const millrace = (...args: string[]) => runMillrace(args, environment())
    const aFile = async (name: string, content: string | Buffer): Promise<string> => {
      const path = join(directory, name)
      await writeFile(path, content)
      return path
    }
    /** The import's row, once it says so. */
    const imported = (file: string, condition: string) =>
      eventually(`${file}: ${condition}`, storedMsMax, async () => {
        const [row] = await pipeline.sql<{ lines: string; finished: number }>(
          `SELECT lines FROM imports FINAL WHERE name = '${file}' AND (${condition})`,
        )
        if (row === undefined) throw new Error('not yet')
        return row
      })

    it(
      'stores each event of some days once, in the right session, though it is killed on its way and run again',
      { timeout: 240_000 },
      async () => {
        const captures = someDays({ site: 'days.example', days: 4, visits: 1_800, seed: 7 })
        const file = await aFile('days.ndjson', linesOf(captures))
        await killedBeforeSaving(file)
        const other = await runMillrace(['import', file], { ...environment(), TRUSTED_PROXIES: '10.0.0.0/8' })
        expect([other.code, other.output]).toEqual([
          2,
          expect.stringMatching(/another SITES_FILE or TRUSTED_PROXIES/),
        ])
        const second = await millrace('import', file)
        expect(second.output).toMatch(/goes on behind line [1-9]\d*,/)
        expect(second.output).toContain(`${captures.length} lines: ${captures.length} requests, 0 rejected`)
        expect(second.code).toBe(0)
        expect((await millrace('import', file)).output).toMatch(/was imported already.*nothing was sent/)
        await expectSessionsOf(captures, 'days.example')
        await expectBooked(captures, 'days.example')
        await expectStoredOnce(pipeline.clickHouseUrl, [], storedMsMax)
      },
    )

    it(
      'stores each event once when two import the same file at the same time',
      { timeout: 120_000 },
      async () => {
        const captures = someDays({ site: 'twice.example', days: 2, visits: 600, seed: 8 })
        const file = await aFile('twice.ndjson', linesOf(captures))
        const zipped = await aFile('twice.ndjson.gz', gzipSync(linesOf(captures)))
        const ends = await Promise.all([millrace('import', file), millrace('import', zipped)])
        expect(ends.map(({ code }: CommandEnd) => code)).toEqual([0, 0])
        await expectSessionsOf(captures, 'twice.example')
        await expectBooked(captures, 'twice.example')
        await expectStoredOnce(pipeline.clickHouseUrl, [], storedMsMax)
      },
    )

    if (log === 'Kafka') return

    it('stores what was captured with its own time, and says what is no request', async () => {
      const file = await aFile('sample.ndjson', sample)
      const { code, output } = await millrace('import', file)
      expect(output).toContain('3 lines: 2 requests, 1 rejected (bad_time 1)')
      expect(output).toContain('received from 2024-09-30 23:50:00 to 2024-10-01 00:01:05')
      expect(code).toBe(0)
      expect(
        await pipeline.sql(
          `SELECT toString(start) AS start, pageviews, events, duration FROM sessions WHERE site = 'example.com'`,
        ),
      ).toEqual([{ start: '2024-09-30 23:50:00', pageviews: 1, events: 2, duration: 665 }])
    })

    it('gives the same sessions as the same events gave live', { timeout: 120_000 }, async () => {
      const bodies = Array.from({ length: 40 }, (_, index) => aBody('live.example', index, index % 7 === 6))
      const visitorOf = (index: number) => `81.2.69.${1 + (index % 5)}`
      for (const [index, body] of bodies.entries()) {
        const answer = await pipeline.post(body, {
          'x-forwarded-for': visitorOf(index),
          'user-agent': aBrowser,
        })
        expect(answer.status).toBe(202)
      }
      const times = await eventually('the live events are stored', storedMsMax, async () => {
        const rows = await pipeline.sql<{ i: string; at: number }>(
          `SELECT props['i'] AS i, toUnixTimestamp(timestamp) AS at FROM events WHERE site = 'live.example'`,
        )
        expect(rows.length).toBe(bodies.length)
        return new Map(rows.map(({ i, at }) => [Number(i), at]))
      })
      const captures = bodies.map((body, index) => ({
        receivedAt: (times.get(index) ?? 0) * 1000,
        ip: visitorOf(index),
        body: { ...body, d: 'again.example', u: body.u.replace('live.example', 'again.example') },
      }))
      expect((await millrace('import', await aFile('live.ndjson', linesOf(captures)))).code).toBe(0)
      const sessions = (site: string) =>
        pipeline.sql(
          `SELECT * EXCEPT (site, session_id, user_id, hostname, exit_hostname) FROM sessions
         WHERE site = '${site}' ORDER BY ALL`,
        )
      const live = await sessions('live.example')
      expect(live.length).toBe(5)
      expect(await sessions('again.example')).toEqual(live)
    })

    it('stops when it is asked to, and goes on exactly there', { timeout: 120_000 }, async () => {
      const captures = someDays({ site: 'stopped.example', days: 1, visits: 300, seed: 9 })
      const file = await aFile('stopped.ndjson', linesOf(captures))
      const child = start(['import', file, '--rate', '500'])
      await imported('stopped.ndjson', 'lines > 100 AND finished_at = 0')
      child.process.kill('SIGTERM')
      await once(child.process, 'exit')
      const stoppedBehind = /stopped behind line (\d+); run it again/.exec(child.output())?.[1]
      expect(Number(stoppedBehind)).toBeGreaterThan(100)
      const rest = await runMillrace(['import', file], { ...environment(), TRUSTED_PROXIES: '127.0.0.0/8' })
      expect(rest.output).toContain(`goes on behind line ${stoppedBehind},`)
      await expectSessionsOf(captures, 'stopped.example')
    })

    it('keeps drops of long ago for as long as those of today, so that the audit misses none', async () => {
      const captures = someDays({ site: 'old.example', days: 1, visits: 30, seed: 4 }).map((capture) => {
        return { ...capture, receivedAt: capture.receivedAt - 90 * dayMs }
      })
      const lines = linesOf(captures).split('\n')
      const bots = lines.slice(10, 20).map((line) => line.replace(aBrowser, 'curl/8.0'))
      const file = await aFile('old.ndjson', [...lines.slice(0, 10), ...bots, ...lines.slice(20)].join('\n'))
      expect((await millrace('import', file)).output).toContain('and 10 dropped (bot 10)')
      const merged = await fetch(`${pipeline.clickHouseUrl}/?database=millrace`, {
        method: 'POST',
        body: 'OPTIMIZE TABLE dropped_events FINAL',
      })
      expect([merged.status, await merged.text()]).toEqual([200, ''])
      expect(
        await pipeline.sql(
          `SELECT count() AS drops FROM dropped_events WHERE site = 'old.example' AND reason = 'bot'`,
        ),
      ).toEqual([{ drops: '10' }])
      await expectStoredOnce(pipeline.clickHouseUrl, [], storedMsMax)
    })

    it('counts without sending in a dry run', async () => {
      const file = await aFile(
        'dry.ndjson',
        linesOf(someDays({ site: 'dry.example', days: 1, visits: 20, seed: 3 })),
      )
      const { code, output } = await millrace('import', '--dry-run', file)
      expect([code, output]).toEqual([0, expect.stringMatching(/nothing was sent/)])
      expect(await pipeline.sql(`SELECT name FROM imports WHERE name = 'dry.ndjson'`)).toEqual([])
    })

    function start(args: string[]) {
      const process_ = spawn(process.execPath, [cli, ...args], {
        env: { ...process.env, ...environment() },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let output = ''
      const keep = (chunk: Buffer) => (output += chunk.toString())
      process_.stdout.on('data', keep)
      process_.stderr.on('data', keep)
      return { process: process_, output: () => output }
    }

    /** Kills the import, again if need be, until it had sent more than it had saved. */
    async function killedBeforeSaving(file: string): Promise<void> {
      const before = await rawEnds()
      const unsaved = async (): Promise<number> => {
        const [row] = await pipeline.sql<{ events: string }>(
          `SELECT events FROM imports FINAL WHERE name = '${basename(file)}' AND events > 0 AND finished_at = 0`,
        )
        return row === undefined ? 0 : (await rawEnds()) - before - Number(row.events)
      }
      for (let kills = 1; kills <= 5; kills++) {
        const child = start(['import', file, '--rate', '1500'])
        await eventually('more is sent than saved', storedMsMax, async () => {
          expect(await unsaved()).toBeGreaterThan(300)
        })
        child.process.kill('SIGKILL')
        const [, signal] = (await once(child.process, 'exit')) as [number | null, string | null]
        expect(signal).toBe('SIGKILL')
        if ((await unsaved()) > 0) return
      }
      throw new Error('five kills came right after a save')
    }

    /** Raw records of all partitions. */
    async function rawEnds(): Promise<number> {
      const options = {
        DATA_DIR: join(directory, 'data'),
        EMBEDDED_LOG_BYTES_MAX: 2 ** 30,
        ...logEnvironment,
      }
      const log = await openLog(options, { clientId: 'e2e' })
      const watermarks = await log.watermarks(topics.raw)
      await log.close()
      return watermarks.reduce((sum, { high }) => sum + high, 0)
    }

    /** The books of all its minutes balance: every event counted as accepted once, and found. */
    async function expectBooked(captures: readonly Capture[], site: string): Promise<void> {
      await eventually(`the books of ${site} balance`, storedMsMax, async () => {
        const [books] = await pipeline.sql(
          `SELECT sum(accepted) AS accepted, sum(missing) AS missing, sum(surplus) AS surplus, sum(in_flight) AS in_flight
           FROM all_books WHERE site = '${site}'`,
        )
        const accepted = String(captures.length)
        expect(books).toEqual({ accepted, missing: '0', surplus: '0', in_flight: '0' })
      })
    }

    /** Holds the site's rows to a plain reference over the lines of the file. */
    async function expectSessionsOf(captures: readonly Capture[], site: string): Promise<void> {
      const reference = referenceSessions(captures.map(enrichedFor), inactivityGapS)
      const expected = captures.flatMap(({ receivedAt }, index) => {
        const session = reference[index]
        const at = Math.floor(receivedAt / 1000)
        return session === undefined
          ? []
          : [`${index} at ${at} of ${session.start} ${visitorIn(session.userId)}`]
      })
      const rows = await pipeline.sql<{ i: string; at: number; start: number; session: string }>(
        `SELECT props['i'] AS i, toUnixTimestamp(timestamp) AS at, toUInt32(bitShiftRight(session_id, 32)) AS start,
         toString(session_id) AS session
       FROM events WHERE site = '${site}' ORDER BY toUInt32(i)`,
      )
      const visitors = new Map<string, Set<string>>()
      const stored = rows.map(({ i, at, start, session }) => {
        const visitor = captures[Number(i)]?.ip ?? 'nobody'
        visitors.set(session, (visitors.get(session) ?? new Set()).add(visitor))
        return `${i} at ${at} of ${start} ${visitor}`
      })
      expect(stored).toEqual(expected)
      expect([...visitors.values()].filter((own) => own.size !== 1)).toEqual([])
      const [drops] = await pipeline.sql<{ count: string }>(
        `SELECT count() AS count FROM dropped_events WHERE site = '${site}' AND reason = 'no_session_for_engagement'`,
      )
      expect(Number(drops?.count)).toBe(captures.length - expected.length)
    }
  })
})

interface Capture {
  /** Unix milliseconds. */
  readonly receivedAt: number
  /** A visitor has an address of its own. */
  readonly ip: string
  readonly body: ReturnType<typeof aBody>
}

function aBody(site: string, index: number, isEngagement: boolean) {
  const page = { d: site, u: `https://${site}/page-${index % 9}`, p: { i: String(index) } }
  return isEngagement ? { n: 'engagement', ...page, sd: 10, e: 4_000 } : { n: 'pageview', ...page }
}

/**
 * Visits over some days, by few visitors who come often: many visits run across midnight, and one line of twelve is written
 * up to two hours late.
 */
function someDays(options: { site: string; days: number; visits: number; seed: number }): Capture[] {
  const random = randomFrom(options.seed)
  const begin = Math.floor(Date.now() / dayMs) * dayMs - (options.days + 5) * dayMs
  const hits = Array.from({ length: options.visits }, () => {
    const ip = `81.2.70.${1 + Math.floor(random() * 200)}`
    const isLate = random() < 0.3
    const day = begin + Math.floor(random() * options.days) * dayMs
    let at = day + (isLate ? 0.985 : random()) * dayMs
    return Array.from({ length: 1 + Math.floor(random() * 8) }, () => {
      at += random() * (random() < 0.05 ? 3_600_000 : 600_000)
      const writtenAt = at + (random() < 1 / 12 ? random() * 7_200_000 : 0)
      return { receivedAt: Math.floor(at), writtenAt, ip, isEngagement: random() < 0.3 }
    })
  })
  return hits
    .flat()
    .toSorted((a, b) => a.writtenAt - b.writtenAt)
    .map(({ receivedAt, ip, isEngagement }, index) => {
      return { receivedAt, ip, body: aBody(options.site, index, isEngagement) }
    })
}

/** 0 to 1 (Mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function linesOf(captures: readonly Capture[]): string {
  const lines = captures.map(({ receivedAt, ip, body }) =>
    JSON.stringify({
      received_at: new Date(receivedAt).toISOString(),
      method: 'POST',
      path: '/api/event',
      headers: { 'User-Agent': aBrowser, 'Content-Type': 'text/plain' },
      body: JSON.stringify(body),
      ip,
    }),
  )
  return `${lines.join('\n')}\n`
}

/** The event as the session rules see it: an id of the visitor and the day, and the one of the day before. */
function enrichedFor({ receivedAt, ip, body }: Capture): EnrichedEvent {
  const day = Math.floor(receivedAt / dayMs)
  return anEnrichedEvent({
    site: body.d,
    name: body.n,
    timestamp: Math.floor(receivedAt / 1000),
    userId: `${day} ${ip}`,
    previousUserId: `${day - 1} ${ip}`,
  })
}

const visitorIn = (userId: string): string => userId.split(' ')[1] ?? ''

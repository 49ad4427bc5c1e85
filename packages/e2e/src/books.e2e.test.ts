import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeTally, topics } from '@millrace/events'
import { openLog } from '@millrace/log'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cleanup } from './cleanup.ts'
import { sendEvents } from './event-sender.ts'
import { eventually } from './eventually.ts'
import { environmentOf, runMillrace } from './millrace-command.ts'
import { PipelineProcess } from './pipeline-process.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const testMsMax = 240_000
const balancedMsMax = 60_000
/** A sink looks at the books ten seconds after its start, and again before it says that something is missing. */
const gaugeMsMax = 60_000

const sites = {
  acceptUnknownSites: false,
  sites: [
    { domain: 'a.example', shields: { pages: ['/admin/**'] } },
    { domain: 'b.example', bots: 'mark' },
    { domain: 'poison.example' },
    { domain: 'killed.example' },
  ],
}

interface SiteBooks {
  readonly accepted: number
  readonly inserted: number
  readonly dropped: Readonly<Record<string, number>>
  readonly repeats: number
  readonly deadLetters: number
  readonly inFlight: number
  readonly missing: number
  readonly surplus: number
}

const none = { inserted: 0, dropped: {}, repeats: 0, deadLetters: 0, inFlight: 0, missing: 0, surplus: 0 }

describe('the books', () => {
  const cleanup = new Cleanup()
  let pipeline: PipelineProcess
  let start: () => Promise<void>
  let dataDirectory: string

  beforeAll(async () => {
    const directory = await temporaryDirectory()
    cleanup.defer(directory.remove)
    dataDirectory = directory.path
    const sitesFile = join(dataDirectory, 'sites.json')
    await writeFile(sitesFile, JSON.stringify(sites))
    let ports: PipelineProcess['ports'] | undefined
    start = async () => {
      const again = ports === undefined ? {} : { ports }
      pipeline = await PipelineProcess.start({
        dataDirectory,
        environment: { SITES_FILE: sitesFile },
        ...again,
      })
      ports = pipeline.ports
    }
    await start()
    cleanup.defer(async () => expect(await pipeline.process.stop()).toBe(0))
  })
  afterAll(() => cleanup.run())

  async function send(
    body: { site: string; page?: string; name?: string },
    headers: Record<string, string> = {},
  ): Promise<void> {
    const { site, page = '/', name = 'pageview' } = body
    const engagement = name === 'engagement' ? { e: 1_000, sd: 50 } : {}
    const response = await pipeline.post(
      { n: name, d: site, u: `https://${site}${page}`, ...engagement },
      headers,
    )
    expect(response.status).toBe(202)
  }

  const expectBooks = (site: string, expected: Partial<SiteBooks>) =>
    eventually(`the books of ${site} balance`, balancedMsMax, async () => {
      expect(await booksOf(pipeline, site)).toEqual({ ...none, ...expected })
    })

  const doctor = () => runMillrace(['doctor'], environmentOf(pipeline, dataDirectory))

  it(
    'balance for bots, shields, unknown sites, client repeats and engagement without a session',
    { timeout: testMsMax },
    async () => {
      const many = { url: pipeline.url, concurrency: 10, visitors: 70 }
      await sendEvents({ ...many, site: 'a.example', count: 400 })
      await sendEvents({ ...many, site: 'b.example', count: 50 })
      for (const site of ['a.example', 'b.example'])
        for (let bot = 0; bot < 5; bot++) await send({ site }, { 'user-agent': 'Googlebot/2.1' })
      for (let page = 0; page < 3; page++) await send({ site: 'a.example', page: `/admin/${page}` })
      for (let event = 0; event < 4; event++) await send({ site: 'unknown.example' })
      for (let time = 0; time < 3; time++) await send({ site: 'b.example' }, { 'idempotency-key': 'k' })
      await send({ site: 'b.example', name: 'engagement' }, { 'x-forwarded-for': '81.2.250.250' })
      await expectBooks('a.example', {
        accepted: 408,
        inserted: 400,
        dropped: { bot: 5, site_page_blocklist: 3 },
      })
      await expectBooks('b.example', {
        accepted: 59,
        inserted: 56,
        dropped: { no_session_for_engagement: 1 },
        repeats: 2,
      })
      await expectBooks('unknown.example', { accepted: 4, dropped: { not_found: 4 } })
      expect(await pipeline.sql('SELECT * FROM missing_events')).toEqual([])
      const { output } = await doctor()
      expect(output).toMatch(/^ok +books: \d+ minutes? of 3 sites balance, 471 events accepted$/m)
    },
  )

  it(
    'balance with dead letters of both stages, and when they are sent again',
    { timeout: testMsMax },
    async () => {
      await administrate(pipeline, `ALTER TABLE events ADD CONSTRAINT no_poison CHECK pathname != '/poison'`)
      for (const page of ['/first', '/poison', '/last']) await send({ site: 'poison.example', page })
      await acceptUnreadable(dataDirectory, 'poison.example')
      await expectBooks('poison.example', { accepted: 4, inserted: 2, deadLetters: 2 })

      await administrate(pipeline, 'ALTER TABLE events DROP CONSTRAINT no_poison')
      const requeued = await runMillrace(
        ['dead-letters', 'requeue', 'sink'],
        environmentOf(pipeline, dataDirectory),
      )
      expect(requeued.output).toContain('sent 1 again, 0 stay')
      await expectBooks('poison.example', { accepted: 4, inserted: 3, deadLetters: 1 })
    },
  )

  it(
    'miss nothing when the pipeline is killed under load, whatever was not counted yet',
    { timeout: testMsMax },
    async () => {
      const stop = new AbortController()
      const sent = await sendEvents({
        url: pipeline.url,
        count: 20_000,
        concurrency: 20,
        site: 'killed.example',
        visitors: 100,
        signal: stop.signal,
        onAnswer: (answered) => {
          if (answered === 5_000) void pipeline.process.kill().then(() => stop.abort())
        },
      })
      await start()
      await send({ site: 'killed.example' })
      const books = await eventually(
        'all is stored, and nothing in flight or missing',
        balancedMsMax,
        async () => {
          const found = await booksOf(pipeline, 'killed.example')
          expect(found).toMatchObject({ inFlight: 0, missing: 0 })
          expect(found.inserted).toBeGreaterThan(sent.receipts.length)
          return found
        },
      )
      expect(books.inserted).toBe(books.accepted + books.surplus)
      expect(await pipeline.sql('SELECT * FROM missing_events')).toEqual([])
    },
  )

  it(
    'name site and minute of a row that is lost, in the view, the gauge and the doctor',
    { timeout: testMsMax },
    async () => {
      const [row] = await pipeline.sql<{ p: string; o: string; minute: string; at: string }>(
        `SELECT kafka_partition AS p, raw_offset AS o, toStartOfMinute(received_at) AS minute,
         formatDateTime(minute, '%Y-%m-%dT%H:%iZ') AS at
       FROM events WHERE site = 'a.example' ORDER BY raw_offset LIMIT 1`,
      )
      await administrate(
        pipeline,
        `DELETE FROM events WHERE kafka_partition = ${row!.p} AND raw_offset = ${row!.o}`,
      )
      const [line, ...others] = await pipeline.sql('SELECT site, minute, missing FROM missing_events')
      expect([line, others]).toEqual([{ site: 'a.example', minute: row!.minute, missing: '1' }, []])
      const { code, output } = await doctor()
      expect([code, output]).toEqual([1, expect.stringContaining(`1 of a.example at ${row!.at}`)])
      expect(output).toMatch(/^ILL +books: 1 of \d+ accepted events are missing/m)
      await pipeline.process.stop()
      await start()
      await eventually('the gauge tells', gaugeMsMax, async () => {
        const metrics = await (await fetch(`${pipeline.url}/metrics`)).text()
        expect(metrics).toMatch(/^millrace_books_missing_events 1$/m)
      })
    },
  )
})

/** A site's books of the day in sum. */
async function booksOf(pipeline: PipelineProcess, site: string): Promise<SiteBooks> {
  const [row] = await pipeline.sql<Record<keyof SiteBooks, string> & { dropped: Record<string, string> }>(
    `SELECT sum(books.accepted) AS accepted, sum(books.inserted) AS inserted, sumMap(books.dropped) AS dropped,
       sum(books.repeats) AS repeats, sum(dead_letters) AS deadLetters, sum(in_flight) AS inFlight,
       sum(books.missing) AS missing, sum(books.surplus) AS surplus
     FROM books WHERE site = '${site}'`,
  )
  const { dropped, ...sums } = row!
  const numbers = (record: object) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, Number(value)]))
  return { ...numbers(sums), dropped: numbers(dropped) } as unknown as SiteBooks
}

/** An event that the enricher cannot read, as a producer of another version might accept it. */
async function acceptUnreadable(dataDirectory: string, site: string): Promise<void> {
  const log = await openLog({ DATA_DIR: dataDirectory, EMBEDDED_LOG_BYTES_MAX: 2 ** 30 }, { clientId: 'e2e' })
  const appender = await log.appender()
  const receivedAt = Date.now()
  const value = Buffer.from(JSON.stringify({ site, receivedAt, of: 'another version' }))
  const [place] = await appender.append([{ topic: topics.raw, partition: 1, key: null, value }])
  const minute = Math.floor(receivedAt / 60_000) * 60
  const tally = encodeTally({ counterId: 'e2e', counts: [[0, site, minute, 1, 1, place!.offset]] })
  await appender.append([{ topic: topics.books, partition: 0, key: null, value: tally }])
  await appender.close()
  await log.close()
}

async function administrate(pipeline: PipelineProcess, statement: string): Promise<void> {
  const response = await fetch(`${pipeline.clickHouseUrl}/?database=millrace`, {
    method: 'POST',
    body: statement,
  })
  expect([response.status, await response.text()]).toEqual([200, ''])
}

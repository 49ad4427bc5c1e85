import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cleanup } from './cleanup.ts'
import { expectStoredOnce } from './books.ts'
import { eventually } from './eventually.ts'
import { environmentOf, runMillrace } from './millrace-command.ts'
import { PipelineProcess } from './pipeline-process.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const unparsable = { errors: { request: ['Unable to parse request body as json'] } }
const good = { n: 'pageview', d: 'known.example', u: 'https://known.example/' }
const storedMsMax = 20_000

interface Case {
  readonly title: string
  readonly body: unknown
  readonly headers?: Record<string, string>
  readonly status: number
  readonly answer?: unknown
}

const refused: Case[] = [
  { title: 'a body that is not JSON', body: 'hello', status: 400, answer: unparsable },
  { title: 'an empty body', body: '', status: 400, answer: unparsable },
  { title: 'JSON that is not an object', body: '[1]', status: 400, answer: unparsable },
  {
    title: 'a body above 1,000,000 bytes',
    body: JSON.stringify({ ...good, pad: 'x'.repeat(1_000_001) }),
    status: 400,
    answer: unparsable,
  },
  { title: 'a body above 3 MB', body: 'x'.repeat(3_200_000), status: 413 },
  {
    title: 'broken UTF-8 outside of text',
    body: new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]),
    status: 400,
    answer: unparsable,
  },
  {
    title: 'no name',
    body: { ...good, n: null },
    status: 400,
    answer: { errors: { event_name: ["can't be blank"] } },
  },
  {
    title: 'a name of the wrong type',
    body: { ...good, n: {} },
    status: 400,
    answer: { errors: { event_name: ['is invalid'] } },
  },
  {
    title: 'no URL',
    body: { n: 'pageview', d: 'known.example' },
    status: 400,
    answer: { errors: { url: ['is required'] } },
  },
  {
    title: 'an engagement without depth and time',
    body: { ...good, n: 'engagement' },
    status: 400,
    answer: {
      errors: {
        event_name: [
          "engagement event requires a valid integer value for at least one of 'sd' or 'e' fields",
        ],
      },
    },
  },
]

describe('bad input', () => {
  let pipeline: PipelineProcess
  let dataDirectory: string
  const cleanup = new Cleanup()

  beforeAll(async () => {
    const directory = await temporaryDirectory()
    cleanup.defer(directory.remove)
    dataDirectory = directory.path
    const sitesFile = join(directory.path, 'sites.json')
    await writeFile(
      sitesFile,
      JSON.stringify({
        acceptUnknownSites: false,
        sites: [{ domain: 'known.example' }, { domain: 'site1.load.example' }],
      }),
    )
    pipeline = await PipelineProcess.start({
      dataDirectory: directory.path,
      environment: { SITES_FILE: sitesFile },
    })
    cleanup.defer(async () => expect(await pipeline.process.stop()).toBe(0))
  })
  afterAll(() => cleanup.run())

  it.each(refused)('answers $status to $title', async ({ body, headers, status, answer }) => {
    const response = await pipeline.post(body, headers)
    expect(response.status).toBe(status)
    expect(response.headers.has('x-millrace-receipt')).toBe(false)
    const text = await response.text()
    if (answer !== undefined) expect(JSON.parse(text)).toEqual(answer)
  })

  it('stores nothing of what it refused, and books an unknown site and a bot as drops', async () => {
    const unknown = await pipeline.post({ ...good, d: 'unknown.example' })
    expect([unknown.status, unknown.headers.get('x-plausible-dropped')]).toEqual([202, '1'])
    const bot = await pipeline.post(good, { 'user-agent': 'Googlebot/2.1 (+http://www.google.com/bot.html)' })
    expect([bot.status, bot.headers.get('x-plausible-dropped')]).toEqual([202, '1'])
    const response = await pipeline.post(good)
    expect([response.status, await response.text()]).toEqual([202, 'ok'])
    await expectStoredOnce(
      pipeline.clickHouseUrl,
      [response.headers.get('x-millrace-receipt') ?? ''],
      storedMsMax,
    )
    await eventually('the drops are booked', storedMsMax, async () => {
      const drops = await pipeline.sql('SELECT site, reason FROM dropped_events ORDER BY reason')
      expect(drops).toEqual([
        { site: 'known.example', reason: 'bot' },
        { site: 'unknown.example', reason: 'not_found' },
      ])
    })
    const [place] = (response.headers.get('x-millrace-receipt') ?? '').split(',')
    const [stored, ...others] = await pipeline.sql('SELECT * FROM events')
    expect(others).toEqual([])
    expect(`${String(stored?.kafka_partition)}-${String(stored?.raw_offset)}`).toBe(place)
  })

  it('lets a browser on another origin send', async () => {
    const preflight = await fetch(`${pipeline.url}/api/event`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://elsewhere.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toMatch(
      /^(\*|https:\/\/elsewhere\.example)$/,
    )
  })

  it(
    'keeps each of 10,000 events that one site is sent within one second',
    { timeout: 120_000 },
    async () => {
      const offered = '--events 10000 --rate 10000 --connections 1000 --sites 1 --visitors 5000'.split(' ')
      offered.push('--protocols', 'plausible=1')
      const { code, output } = await runMillrace(['load', ...offered], environmentOf(pipeline, dataDirectory))
      expect(output).toMatch(/accepted 10000, refused 0, failed 0, not sent 0/)
      expect(output).toMatch(/lost 0, doubled 0/)
      expect(code).toBe(0)
      await expectStoredOnce(pipeline.clickHouseUrl, [], storedMsMax)
    },
  )
})

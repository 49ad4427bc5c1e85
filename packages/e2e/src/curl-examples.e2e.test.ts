import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cleanup } from './cleanup.ts'
import { configureCurl, curlUnavailable, runExample, type CurlAnswer } from './clients/curl.ts'
import * as examples from './clients/documented-examples.ts'
import { eventually } from './eventually.ts'
import { aBrowser, PipelineProcess } from './pipeline-process.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const storedMsMax = 20_000
const testMsMax = 40_000

/** The placeholders of the documents are keys here, so that the examples run as they are printed. */
const sites = {
  acceptUnknownSites: false,
  sites: [
    {
      domain: 'example.com',
      kameleoon: { siteCodes: ['abcdefghij'] },
      octeth: { listIds: [94, 3] },
      successeve: { apiTokens: ['<your_api_token>', 'your_api_token'] },
    },
    { domain: 'dummy.site' },
  ],
  octeth: { apiKeys: ['{{user_apikey}}'], sessionIds: [] },
}

interface EventRow {
  readonly name: string
  readonly hostname: string
  readonly pathname: string
  readonly protocol: string
  readonly props: Readonly<Record<string, string>>
  readonly revenue: number
  readonly browser: string
  readonly browser_version: string
  readonly os: string
  readonly device: string
  readonly client_event_id: string
  readonly session_id: string
}

describe.skipIf(curlUnavailable !== undefined)(
  `the examples of the documents, run by curl${curlUnavailable === undefined ? '' : ` (${curlUnavailable})`}`,
  () => {
    let pipeline: PipelineProcess
    let home: string
    const cleanup = new Cleanup()

    beforeAll(async () => {
      const directory = await temporaryDirectory()
      cleanup.defer(directory.remove)
      home = directory.path
      await configureCurl(home)
      const sitesFile = join(home, 'sites.json')
      await writeFile(sitesFile, JSON.stringify(sites))
      pipeline = await PipelineProcess.start({
        dataDirectory: join(home, 'data'),
        environment: { SITES_FILE: sitesFile },
      })
      cleanup.defer(async () => expect(await pipeline.process.stop()).toBe(0))
    })
    afterAll(() => cleanup.run())

    /** Only the host is another. */
    const run = (command: string): Promise<CurlAnswer> =>
      runExample(command.replace(/https:\/\/[^/' ]+/, pipeline.url), home)

    const rowsWhere = (condition: string, count: number): Promise<EventRow[]> =>
      eventually('its rows are stored', storedMsMax, async () => {
        const rows = await pipeline.sql<EventRow>(
          `SELECT * FROM events WHERE ${condition} ORDER BY kafka_partition, kafka_offset`,
        )
        expect(rows).toHaveLength(count)
        return rows
      })

    it('Plausible: takes the page view', { timeout: testMsMax }, async () => {
      expect(await run(examples.plausibleExample)).toEqual({ status: 202, body: 'ok' })
      const rows = await rowsWhere(`site = 'dummy.site'`, 1)
      expect(rows).toMatchObject([
        {
          name: 'pageview',
          hostname: 'dummy.site',
          pathname: '/',
          protocol: 'plausible',
          browser: 'Opera',
          os: 'Mac',
        },
      ])
    })

    describe('Kameleoon', () => {
      it('refuses the example without a siteCode', async () => {
        expect((await run(examples.kameleoonSummaryExample)).status).toBe(400)
      })

      it(`refuses curl's own user agent, as the document says of robots`, async () => {
        const query = 'siteCode=abcdefghij&visitorCode=robot'
        expect((await run(examples.kameleoonCall(query, examples.kameleoonLines))).status).toBe(403)
      })

      it(`takes what the document's own user agent sends`, { timeout: testMsMax }, async () => {
        const query = 'siteCode=abcdefghij&visitorCode=documented'
        const call = examples.kameleoonCall(query, examples.kameleoonLines, 'kameleoon-docs')
        expect(await run(call)).toEqual({ status: 202, body: '' })
        expect(await rowsWhere(`visitor_id = 'documented'`, 3)).toMatchObject([{ os: 'Windows' }, {}, {}])
      })

      it.each([
        { form: 'lines', json: '', body: examples.kameleoonLines, count: 3 },
        { form: 'JSON', json: '&json=true', body: examples.kameleoonJson, count: 2 },
      ])('takes the events as $form', { timeout: testMsMax }, async ({ form, json, body, count }) => {
        const query = `siteCode=abcdefghij&visitorCode=visitor-${form}${json}`
        expect(await run(examples.kameleoonCall(query, body, aBrowser))).toEqual({ status: 202, body: '' })
        const rows = await rowsWhere(`visitor_id = 'visitor-${form}'`, count)
        const expected = [
          {
            name: 'staticData',
            client_event_id: 'd2ce4d22083348fb',
            props: { browser: 'Safari', browserVersion: '16.3', deviceType: 'DESKTOP', os: 'Windows' },
          },
          {
            name: 'pageview',
            client_event_id: 'b0a4253d8acd01c7',
            hostname: 'supersite.com',
            pathname: '/superpage',
          },
          {
            name: 'conversion',
            client_event_id: '4ca34741a6cc8a48',
            props: { goalId: '2', revenue: '24.99' },
          },
        ]
        expect(rows).toMatchObject(expected.slice(0, count))
        const device = { browser: 'Safari', browser_version: '16.3', os: 'Windows', device: 'Desktop' }
        expect(rows).toMatchObject(rows.map(() => device))
        expect(new Set(rows.map(({ session_id }) => session_id)).size).toBe(1)
        expect(rows.map(({ revenue }) => revenue)).toEqual([0, 0, 24.99].slice(0, count))
      })

      it('stores the examples once, however often they are sent', { timeout: testMsMax }, async () => {
        const query = 'siteCode=abcdefghij&visitorCode=visitor-lines'
        const call = examples.kameleoonCall(query, examples.kameleoonLines, aBrowser)
        expect((await run(call)).status).toBe(202)
        await eventually('the repeats are told', storedMsMax, async () => {
          const [told] = await pipeline.sql<{ repeats: string }>(
            `SELECT count() AS repeats FROM dropped_events WHERE reason = 'repeat'`,
          )
          expect(Number(told?.repeats)).toBe(3)
        })
        await rowsWhere(`visitor_id = 'visitor-lines'`, 3)
      })
    })

    describe('Octeth', () => {
      it('takes the event with its comment', { timeout: testMsMax }, async () => {
        const call = examples.octethCall('event', examples.octethEvent)
        const first = await run(call)
        expect([first.status, JSON.parse(first.body)]).toEqual([
          200,
          {
            status: 'success',
            uuid: expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
            external_id: 'user-id-2006',
            identify_event_sent: true,
          },
        ])
        const rows = await rowsWhere(`visitor_id = 'user-id-2006'`, 1)
        expect(rows).toMatchObject([
          {
            name: 'test',
            protocol: 'octeth',
            pathname: '',
            props: { ListID: '94', ID: 'user-id-2006', 'number-of-subscribers-imported': '100' },
          },
        ])
        expect(rows[0]?.props.email).toMatch(/^[\da-f]{64}$/)
        expect(JSON.parse((await run(call)).body)).toMatchObject({ identify_event_sent: false })
      })

      it('lists the properties', { timeout: testMsMax }, async () => {
        const none = await run(examples.octethCall('website_events.properties', examples.octethProperties))
        expect([none.status, JSON.parse(none.body)]).toEqual([200, { ListID: '3', Properties: {} }])
        const of94 = examples.octethProperties.replace('3', '94')
        await eventually('what was sent is listed', storedMsMax, async () => {
          const { body } = await run(examples.octethCall('website_events.properties', of94))
          expect(JSON.parse(body)).toMatchObject({
            ListID: '94',
            Properties: { test: ['number-of-subscribers-imported'] },
          })
        })
      })
    })

    describe('SuccessEve', () => {
      it.each([
        {
          example: 'event',
          command: examples.successeveEvent,
          name: 'user_registration',
          row: { hostname: '', pathname: '', props: { account_uid: '78910', display_name: 'registration' } },
        },
        {
          example: 'page view without its last brace',
          command: examples.successevePageview,
          name: 'pageview',
          row: { hostname: 'myproduct.com', pathname: '/onboarding', props: { account_uid: '78910' } },
        },
      ])('takes the $example', { timeout: testMsMax }, async ({ command, name, row }) => {
        expect(await run(command)).toEqual({ status: 200, body: '{"status":"success"}' })
        const rows = await rowsWhere(`visitor_id = '123456' AND name = '${name}'`, 1)
        expect(rows).toMatchObject([{ protocol: 'successeve', ...row }])
      })

      it('refuses the example with a token that nobody has', async () => {
        const { status, body } = await run(examples.successevePageview.replace('your_api_token', 'another'))
        expect([status, JSON.parse(body)]).toMatchObject([401, { status: 'error' }])
      })
    })
  },
)

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cleanup } from './cleanup.ts'
import { browserUnavailable, launchBrowser, type Browser } from './clients/test-browser.ts'
import { plausibleClients, plausiblePage, type PlausibleClient } from './clients/plausible-pages.ts'
import { visitShop } from './clients/plausible-visit.ts'
import { serveClients } from './clients/test-sites.ts'
import { eventually } from './eventually.ts'
import { PipelineProcess } from './pipeline-process.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const storedMsMax = 20_000
const visitMsMax = 60_000

interface EventRow {
  readonly name: string
  readonly pathname: string
  readonly props: Readonly<Record<string, string>>
  readonly revenue: number
  readonly currency: string
  readonly interactive: number
  readonly scroll_depth: number
  readonly engagement_ms: number
  readonly session_id: string
  readonly source: string
  readonly utm_campaign: string
  readonly browser: string
}

/** Name, path, props. */
type Expected = readonly [string, string, Readonly<Record<string, string>>]

const bought = { plan: 'pro', seats: '3', gift: 'true' }
const theme = { theme: 'dark' }
const out = { url: 'http://partner.example/offer' }

/** Both listen to `popstate` and to `hashchange`, and the browser fires both. */
const oneStepInFragments: readonly Expected[] = [
  ['pageview', '/app#/settings', {}],
  ['pageview', '/app#/settings', {}],
]

const expected: Readonly<Record<PlausibleClient, readonly Expected[]>> = {
  official: [
    ['pageview', '/', theme],
    ['pageview', '/products', theme],
    ['Look', '/products', { zoom: '2', ...theme }],
    ['Purchase', '/products', { ...bought, ...theme }],
    ['File Download', '/products', { url: 'http://official.example/files/guide.pdf', ...theme }],
    ['Sign up', '/products', { plan: 'free', ...theme }],
    ['Form: Submission', '/products', { path: '/products', ...theme }],
    ['pageview', '/app#/start', theme],
    ['pageview', '/app#/settings', theme],
    ['Outbound Link: Click', '/app#/settings', { ...out, ...theme }],
  ],
  tracker: [
    ['pageview', '/', {}],
    ['pageview', '/products', {}],
    ['Look', '/products', { zoom: '2' }],
    ['Purchase', '/products', bought],
    ['pageview', '/app#/start', {}],
    ...oneStepInFragments,
    ['Outbound Link: Click', '/app#/settings', out],
  ],
  fork: [
    ['pageview', '/', {}],
    ['pageview', '/products', {}],
    ['Look', '/products', { zoom: '2' }],
    ['Purchase', '/products', bought],
    ['File Download', '/products', { url: '/files/guide.pdf' }],
    ['pageview', '/app#/start', {}],
    ...oneStepInFragments,
    ['Outbound Link: Click', '/app#/settings', out],
  ],
}

describe.skipIf(browserUnavailable !== undefined)(
  `Plausible's clients in a real browser${browserUnavailable === undefined ? '' : ` (${browserUnavailable})`}`,
  () => {
    let pipeline: PipelineProcess
    let browser: Browser
    const cleanup = new Cleanup()

    beforeAll(async () => {
      const directory = await temporaryDirectory()
      cleanup.defer(directory.remove)
      pipeline = await PipelineProcess.start({ dataDirectory: directory.path })
      cleanup.defer(async () => expect(await pipeline.process.stop()).toBe(0))
      const sites = await serveClients((hostname) => plausiblePage(hostname, pipeline.url))
      cleanup.defer(sites.close)
      browser = await launchBrowser(sites.port)
      cleanup.defer(() => browser.close())
    })
    afterAll(() => cleanup.run())

    it.each(plausibleClients)(
      '%s: stores what it sends, as one session',
      { timeout: visitMsMax },
      async (client) => {
        const { sent } = await visitShop(browser, client)
        expect(sent.filter(({ status }) => status !== 202)).toEqual([])

        const site = `${client}.example`
        const rows = await eventually('all of the visit is stored', storedMsMax, async () => {
          const stored = await pipeline.sql<EventRow>(
            `SELECT * FROM events WHERE site = '${site}' ORDER BY kafka_partition, kafka_offset`,
          )
          expect(summaries(stored)).toEqual(expected[client])
          return stored
        })
        expect(rows.every(({ browser: name }) => name === 'Chrome')).toBe(true)
        expect(rows.every(({ source, utm_campaign }) => source === 'letter' && utm_campaign === 'may')).toBe(
          true,
        )
        expect(new Set(rows.map(({ session_id }) => session_id)).size).toBe(1)

        const purchase = rows.find(({ name }) => name === 'Purchase')
        const revenue = client === 'tracker' ? [0, ''] : [15.99, 'USD']
        expect([Number(purchase?.revenue), purchase?.currency]).toEqual(revenue)
        expect(rows.find(({ name }) => name === 'Look')?.interactive).toBe(client === 'official' ? 0 : 1)

        await eventually('the session has all of them', storedMsMax, async () => {
          const [session, ...others] = await pipeline.sql(`SELECT * FROM sessions WHERE site = '${site}'`)
          expect(others).toEqual([])
          expect(session).toMatchObject({ entry_page: '/', exit_page: '/app#/settings', utm_campaign: 'may' })
          expect(Number(session?.pageviews)).toBe(rows.filter(({ name }) => name === 'pageview').length)
          expect(Number(session?.events)).toBe(expected[client].length)
          expect(Number(session?.revenue)).toBe(revenue[0])
          expect(Number(session?.is_bounce)).toBe(0)
        })
      },
    )

    it(
      'stores how long the official client saw each page, and how far down',
      { timeout: visitMsMax },
      async () => {
        await eventually('each page has its engagement', storedMsMax, async () => {
          const seen = await pipeline.sql<{ pathname: string; ms: string; depth: number }>(
            `SELECT pathname, sum(engagement_ms) AS ms, max(scroll_depth) AS depth FROM events
           WHERE site = 'official.example' AND name = 'engagement' GROUP BY pathname ORDER BY pathname`,
          )
          expect(seen.map(({ pathname }) => pathname)).toEqual([
            '/',
            '/app#/settings',
            '/app#/start',
            '/products',
          ])
          expect(seen[0]?.depth).toBe(100)
          expect(seen.every(({ depth }) => depth > 0 && depth <= 100)).toBe(true)
          expect(seen.reduce((sum, { ms }) => sum + Number(ms), 0)).toBeGreaterThan(0)
        })
      },
    )
  },
)

function summaries(rows: readonly EventRow[]): Expected[] {
  return rows
    .filter(({ name }) => name !== 'engagement')
    .map(({ name, pathname, props }) => [name, pathname, props])
}

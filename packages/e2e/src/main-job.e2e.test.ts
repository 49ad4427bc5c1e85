import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kafkaUnavailable } from '@millrace/log/testing'
import { Cleanup } from './cleanup.ts'
import { browserUnavailable, launchBrowser, type Browser } from './clients/test-browser.ts'
import { startOneNode } from './kafka-node.ts'
import { eventually } from './eventually.ts'
import { PipelineProcess } from './pipeline-process.ts'
import { serveSite } from './served-site.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const noKafka = await kafkaUnavailable()
const storedMsMax = 20_000
const visitMsMax = 60_000

interface EventRow {
  name: string
  pathname: string
  referrer: string
  source: string
  scroll_depth: number
  engagement_ms: number
  session_id: string
  revenue: string | null
  currency: string
  props: Record<string, string>
  browser: string
  hostname: string
}

describe.each([
  { log: 'the embedded log', needs: browserUnavailable },
  { log: 'Kafka', needs: browserUnavailable ?? noKafka },
])('the main job on $log', ({ log, needs }) => {
  describe.skipIf(needs !== undefined)(needs ?? 'in a real browser', () => {
    let pipeline: PipelineProcess
    let browser: Browser
    const cleanup = new Cleanup()

    beforeAll(async () => {
      const directory = await temporaryDirectory()
      cleanup.defer(directory.remove)
      pipeline = await PipelineProcess.start({
        dataDirectory: directory.path,
        environment: log === 'Kafka' ? { KAFKA_BROKERS: await startOneNode(cleanup) } : {},
      })
      cleanup.defer(async () => expect(await pipeline.process.stop()).toBe(0))
      const site = await serveSite(`${pipeline.url}/api/event`)
      cleanup.defer(site.close)
      browser = await launchBrowser(site.port)
      cleanup.defer(() => browser.close())
    })
    afterAll(() => cleanup.run())

    it('stores exactly what one visitor did, as one session', { timeout: visitMsMax }, async () => {
      const startedAt = Date.now()
      await visit(browser)
      const pageviews = ['/', '/products', '/products/tea', '/cart', '/thanks']
      const events = await eventually('all of the visit is stored', storedMsMax, async () => {
        const rows = await pipeline.sql<EventRow>(
          'SELECT * FROM events ORDER BY kafka_partition, kafka_offset',
        )
        const engaged = new Set(
          rows.filter(({ name }) => name === 'engagement').map(({ pathname }) => pathname),
        )
        expect([...engaged].toSorted()).toEqual(pageviews.toSorted())
        return rows
      })
      const seconds = Math.ceil((Date.now() - startedAt) / 1000)

      const named = (name: string) => events.filter((event) => event.name === name)
      expect(named('pageview').map(({ pathname }) => pathname)).toEqual(pageviews)
      expect(named('Add to cart')).toMatchObject([{ pathname: '/cart', props: { item: 'tea', count: '2' } }])
      expect(named('Purchase')).toMatchObject([{ pathname: '/thanks', currency: 'EUR' }])
      expect(Number(named('Purchase')[0]?.revenue)).toBe(42.5)
      expect(named('Outbound Link: Click')).toMatchObject([
        { props: { url: 'http://partner.example/offer' } },
      ])
      const others = events.filter(({ name }) => !['pageview', 'engagement'].includes(name))
      expect(others).toHaveLength(3)
      expect(
        Math.max(
          ...named('engagement')
            .filter(({ pathname }) => pathname === '/products')
            .map((e) => e.scroll_depth),
        ),
      ).toBe(100)
      expect(
        named('engagement').every(
          ({ engagement_ms, scroll_depth }) => engagement_ms >= 0 && scroll_depth <= 100,
        ),
      ).toBe(true)
      for (const event of events) {
        expect(event).toMatchObject({
          referrer: 'blog.example',
          source: 'blog.example',
          browser: 'Chrome',
          hostname: 'shop.example',
        })
      }
      expect(new Set(events.map(({ session_id }) => session_id)).size).toBe(1)

      // A row is to be seen in the table a moment before the view has its session.
      const sessions = await eventually('the session has all of them', storedMsMax, async () => {
        const rows = await pipeline.sql('SELECT * FROM sessions')
        expect(rows).toHaveLength(1)
        expect(Number(rows[0]?.pageviews)).toBe(5)
        expect(Number(rows[0]?.events)).toBe(8)
        return rows
      })
      expect(sessions[0]).toMatchObject({
        site: 'shop.example',
        session_id: events[0]?.session_id,
        entry_page: '/',
        exit_page: '/thanks',
        hostname: 'shop.example',
        exit_hostname: 'shop.example',
        referrer: 'blog.example',
        source: 'blog.example',
        channel: 'Referral',
        utm_source: '',
      })
      expect(Number(sessions[0]?.is_bounce)).toBe(0)
      expect(Number(sessions[0]?.revenue)).toBe(42.5)
      expect(Number(sessions[0]?.duration)).toBeGreaterThan(1)
      expect(Number(sessions[0]?.duration)).toBeLessThanOrEqual(seconds)
    })
  })
})

/** One visitor comes from a blog, looks at five pages, scrolls one to its end, buys, and follows a link out. */
async function visit(browser: Browser): Promise<void> {
  const context = await browser.newContext()
  const page = await context.newPage()
  const ready = () => page.waitForSelector('body[data-ready=yes]')
  const sent = (name: string) =>
    page.waitForResponse(
      (response) => response.url().endsWith('/api/event') && hasName(response.request().postData(), name),
    )
  const go = async (path: string) => {
    const pageview = sent('pageview')
    await page.click(`nav a[href="${path}"]`)
    await ready()
    await pageview
  }
  const first = sent('pageview')
  await page.goto('http://blog.example/')
  await page.click('#shop')
  await ready()
  await first
  await go('/products')
  await page.evaluate('window.scrollTo(0, document.body.scrollHeight)')
  await page.waitForTimeout(1500)
  await go('/products/tea')
  await go('/cart')
  const added = sent('Add to cart')
  await page.evaluate(`window.track('Add to cart', { props: { item: 'tea', count: 2 } })`)
  await added
  await go('/thanks')
  const bought = sent('Purchase')
  await page.evaluate(`window.track('Purchase', { revenue: { amount: '42.50', currency: 'EUR' } })`)
  await bought
  const left = sent('Outbound Link: Click')
  await page.click('#outbound')
  await left
  await page.close({ runBeforeUnload: false })
  await context.close()
}

function hasName(postData: string | null, name: string): boolean {
  return postData !== null && (JSON.parse(postData) as { n?: string }).n === name
}

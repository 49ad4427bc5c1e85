import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cleanup } from './cleanup.ts'
import { kameleoonPage } from './clients/kameleoon-page.ts'
import { account, visitor, visitorsUserAgent, visitWithSdk } from './clients/kameleoon-visit.ts'
import { browserUnavailable, launchBrowser } from './clients/test-browser.ts'
import { startKameleoonSdk, type Exchange } from './clients/test-kameleoon-sdk.ts'
import { serveClients } from './clients/test-sites.ts'
import { eventually } from './eventually.ts'
import { PipelineProcess } from './pipeline-process.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const visitMsMax = 60_000
const storedMsMax = 20_000
const windowsChrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36'
const all =
  'eventType=staticData&browser=CHROME&browserIndex=0&browserVersion=153&visitNumber=0&timeSincePreviousVisit=0' +
  '&os=WINDOWS&osIndex=0&deviceType=DESKTOP&nonce=N'
const here =
  'eventType=page&href=https%3A%2F%2Fexample.com%2Fshop%3Fx%3D1%26y%3D2&title=Produit%20%231%20%26%20more&nonce=N'
const inPieces = [
  'eventType=staticData&os=WINDOWS&osIndex=0&nonce=N',
  'eventType=staticData&deviceType=DESKTOP&nonce=N',
  'eventType=staticData&browser=CHROME&browserIndex=0&browserVersion=153&nonce=N',
]
const metadata = 'metadata=%7B%220%22%3A%5B%22order-1%22%5D%7D'

/** The bodies as `reference/clients-on-the-wire.md` has them, line by line; each visitor's lines end in its code. */
const bodies = [
  linesOf(visitor, [
    'eventType=experiment&id=99001&variationId=501&nonce=N',
    ...inPieces,
    here,
    'eventType=page&href=https%3A%2F%2Fexample.com%2Ftea%3Fa%3D1%26b%3D%C3%A9&title=Th%C3%A9%20%231%20%26%20co&referrersIndices=[0,2]&nonce=N',
    'eventType=customData&index=0&valuesCountMap=%7B%22premium%22%3A1%2C%22b2b%22%3A1%7D&overwrite=true&nonce=N',
    'eventType=geolocation&country=France&region=%C3%8Ele-de-France&city=Paris&postalCode=75008&latitude=48.8738&longitude=2.295&nonce=N',
    `eventType=conversion&goalId=4242&revenue=19.9&negative=false&${metadata}&nonce=N`,
    all,
  ]),
  linesOf(visitor, [
    'eventType=customData&index=1&valuesCountMap=%7B%22account-7%22%3A1%7D&overwrite=true&mappingIdentifier=true&nonce=N',
    all,
  ]),
  linesOf(account, [
    ...inPieces,
    here,
    `eventType=conversion&goalId=4242&revenue=19.9&negative=true&${metadata}&nonce=N`,
    all,
  ]),
]

describe('the Kameleoon SDK on the wire', () => {
  let dataUrl: string
  const cleanup = new Cleanup()

  beforeAll(async () => {
    const server = createServer((request, response) => {
      request.resume().once('end', () => response.writeHead(202).end())
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    cleanup.defer(() => new Promise((closed) => server.close(closed).closeAllConnections()))
    dataUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => cleanup.run())

  async function visit(answersLost: number): Promise<readonly Exchange[]> {
    const running = await startKameleoonSdk({ dataUrl, userAgent: windowsChrome, answersLost })
    cleanup.defer(running.stop)
    await visitWithSdk(running)
    return running.exchanges
  }

  it('sends what our decoder was written against', { timeout: visitMsMax }, async () => {
    const exchanges = await visit(0)
    expect(exchanges.map(({ body }) => withoutNonces(body))).toEqual(bodies)
    expect(new Set(nonces(exchanges)).size).toBe(nonces(exchanges).length)
    for (const { url, method, headers, retryCount } of exchanges) {
      expect({ url, method, headers, retryCount }).toEqual({
        url: 'https://data.kameleoon.io/visit/events?siteCode=abcdefghij&sdkName=javascript&sdkVersion=4.17.1&bodyUa=true',
        method: 'POST',
        headers: { 'Content-Type': '*/*' },
        retryCount: 0,
      })
    }
  })

  it('repeats a request with its nonces when the answer is lost', { timeout: visitMsMax }, async () => {
    const [first, ...others] = await visit(1)
    expect(others.filter(({ retryCount }) => retryCount > 0)).toEqual([
      { ...first, retryCount: 1, toldStatus: 202 },
    ])
  })
})

interface EventRow {
  readonly name: string
  readonly visitor_id: string
  readonly session_id: string
  readonly pathname: string
  readonly title: string
  readonly props: Readonly<Record<string, string>>
  readonly revenue: number
  readonly browser: string
  readonly os: string
  readonly device: string
  readonly country: string
  readonly city: string
  readonly client_event_id: string
}

describe('the Kameleoon SDK through the whole pipeline', () => {
  let pipeline: PipelineProcess
  let exchanges: readonly Exchange[] = []
  let rows: readonly EventRow[] = []
  const cleanup = new Cleanup()
  const sent = (): string[] => [...new Set(nonces(exchanges))]

  beforeAll(async () => {
    const directory = await temporaryDirectory()
    cleanup.defer(directory.remove)
    pipeline = await PipelineProcess.start({ dataDirectory: directory.path })
    cleanup.defer(async () => expect(await pipeline.process.stop()).toBe(0))
    // The first answer is lost, so the SDK sends its first request again.
    const running = await startKameleoonSdk({
      dataUrl: pipeline.url,
      userAgent: windowsChrome,
      answersLost: 1,
    })
    cleanup.defer(running.stop)
    await visitWithSdk(running)
    await running.stop()
    exchanges = running.exchanges
  }, visitMsMax * 2)
  afterAll(() => cleanup.run())

  it('accepts every request at its first try', () => {
    expect(exchanges.map(({ status }) => status)).toEqual(exchanges.map(() => 202))
    expect(exchanges.filter(({ retryCount }) => retryCount > 0)).toHaveLength(1)
  })

  it('stores every event once, the repeated ones too', { timeout: visitMsMax }, async () => {
    rows = await eventually('all are stored', storedMsMax, async () => {
      const stored = await pipeline.sql<EventRow>(
        "SELECT * FROM events WHERE protocol = 'kameleoon' ORDER BY kafka_partition, kafka_offset",
      )
      expect(stored.map(({ client_event_id }) => `nonce=${client_event_id}`).toSorted()).toEqual(
        sent().toSorted(),
      )
      return stored
    })
    const dropped = await pipeline.sql(
      'SELECT reason, toUInt32(count()) AS count FROM dropped_events GROUP BY reason',
    )
    expect(dropped).toEqual([{ reason: 'repeat', count: exchanges[0]?.body.split('\n').length }])
    expect(await pipeline.sql('SELECT cause FROM dead_letters')).toEqual([])
  })

  it('makes columns and properties of what it says', () => {
    const of = (visitorId: string, name: string): EventRow[] =>
      rows.filter((row) => row.visitor_id === visitorId && row.name === name)
    const sdk = { sdkName: 'javascript', sdkVersion: '4.17.1' }
    // The first line: the device is still what the visitor's user agent says, which the line has and the request has not.
    expect(of(visitor, 'experiment')).toMatchObject([
      { browser: 'Firefox', os: 'GNU/Linux', props: { id: '99001', variationId: '501', ...sdk } },
    ])
    expect(of(visitor, 'pageview')).toMatchObject([
      { pathname: '/shop', title: 'Produit #1 & more' },
      { pathname: '/tea', title: 'Thé #1 & co', props: { referrerIndices: '[0,2]' } },
    ])
    expect(of(visitor, 'customData')).toMatchObject([
      { props: { index: '0', valuesCountMap: '{"premium":1,"b2b":1}', overwrite: 'true' } },
      { props: { index: '1', valuesCountMap: '{"account-7":1}', mappingIdentifier: 'true' } },
    ])
    expect(of(visitor, 'geolocation')).toMatchObject([
      { props: { country: 'France', region: 'Île-de-France', postalCode: '75008', latitude: '48.8738' } },
    ])
    const goal = { goalId: '4242', metadata: '{"0":["order-1"]}' }
    expect(of(visitor, 'conversion')).toMatchObject([{ revenue: 19.9, props: goal }])
    expect(of(account, 'conversion')).toMatchObject([
      { revenue: -19.9, props: { ...goal, negative: 'true' } },
    ])
  })

  it(
    'makes a session of each visitor code, with the device and place that the SDK tells',
    { timeout: visitMsMax },
    async () => {
      const known = { browser: 'Chrome', os: 'Windows', device: 'Desktop' }
      for (const [visitorId, place] of [
        [visitor, { country: 'FR', city: 'Paris' }],
        [account, {}],
      ] as const) {
        const own = rows.filter(({ visitor_id }) => visitor_id === visitorId)
        expect(new Set(own.map(({ session_id }) => session_id)).size).toBe(1)
        expect(own.at(-1)).toMatchObject({ ...known, ...place })
        await eventually('the session has them', storedMsMax, async () => {
          const query = `SELECT * FROM sessions WHERE visitor_id = '${visitorId}'`
          expect(await pipeline.sql(query)).toMatchObject([{ site: 'abcdefghij', ...known, ...place }])
        })
      }
    },
  )

  it('fills the typed views', { timeout: visitMsMax }, async () => {
    const by = `FROM kameleoon_conversions WHERE site = 'abcdefghij' AND goal_id = 4242`
    await eventually('the views have them', storedMsMax, async () => {
      expect(
        await pipeline.sql(`SELECT toInt32(sum(count)) AS count, round(sum(revenue), 2) AS amount ${by}`),
      ).toEqual([{ count: 0, amount: 0 }])
      expect(await pipeline.sql(`SELECT DISTINCT metadata ${by}`)).toEqual([{ metadata: { 0: ['order-1'] } }])
    })
    const exposures = await pipeline.sql('SELECT visitor_id, id, variation_id FROM kameleoon_experiments')
    expect(exposures).toEqual([{ visitor_id: visitor, id: '99001', variation_id: '501' }])
  })

  describe.skipIf(browserUnavailable !== undefined)(browserUnavailable ?? 'in a real browser', () => {
    it('is answered across origins, preflight and all', { timeout: visitMsMax }, async () => {
      const sites = await serveClients(() => kameleoonPage(pipeline.url))
      cleanup.defer(sites.close)
      const browser = await launchBrowser(sites.port)
      cleanup.defer(() => browser.close())
      const page = await browser.newPage()
      const answered = page.waitForResponse(
        (response) => response.request().method() === 'POST' && response.url().includes('/visit/events?'),
      )
      await page.goto('http://shop.example/checkout?step=1')
      const visitorId = await page.evaluate<string>('window.visit()')
      expect((await answered).status()).toBe(202)

      const known = { browser: 'Chrome', os: 'GNU/Linux', device: 'Desktop' }
      await eventually('its events are stored', storedMsMax, async () => {
        const query = `SELECT * FROM events WHERE visitor_id = '${visitorId}' AND name != 'staticData' ORDER BY name`
        expect(await pipeline.sql(query)).toMatchObject([
          { name: 'conversion', revenue: 5.5, ...known },
          { name: 'experiment', props: { id: '99001', variationId: '501' }, ...known },
          {
            name: 'pageview',
            hostname: 'shop.example',
            pathname: '/checkout',
            title: 'Kasse & Thé',
            ...known,
          },
        ])
      })
    })
  })
})

function linesOf(code: string, lines: readonly string[]): string {
  const [first = '', ...others] = lines.map((line) => `${line}&visitorCode=${code}`)
  return [`${first}&userAgent=${visitorsUserAgent}`, ...others].join('\n')
}

function withoutNonces(body: string): string {
  return body.replaceAll(/nonce=[0-9A-F]{16}(?=&)/g, 'nonce=N')
}

function nonces(exchanges: readonly Exchange[]): string[] {
  return exchanges.flatMap(({ body }) => body.match(/nonce=[0-9A-F]{16}/g) ?? [])
}

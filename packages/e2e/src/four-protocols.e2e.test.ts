import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cleanup } from './cleanup.ts'
import { eventually } from './eventually.ts'
import { aBrowser, PipelineProcess } from './pipeline-process.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const storedMsMax = 30_000
const testMsMax = 50_000

const sites = {
  acceptUnknownSites: false,
  sites: [
    {
      domain: 'example.com',
      bots: 'drop',
      shields: { ips: [], countries: [], pages: ['/admin/**'], hostnames: [] },
      goals: [{ eventName: 'Purchase', currency: 'USD' }],
      kameleoon: { siteCodes: ['abcdefghij'] },
      octeth: { listIds: [94] },
      successeve: { apiTokens: ['t0ken'] },
    },
  ],
  octeth: { apiKeys: ['k'], sessionIds: [] },
}

const kameleoonUrl = '/visit/events?siteCode=abcdefghij&visitorCode=kam-visitor'
/** A visitor tells what device and place it is, sees a page, and buys. */
const firstLines = [
  'nonce=00000000000000a1&eventType=STATICDATA&browser=Safari&browserVersion=16.3&deviceType=PHONE&os=iOS',
  'nonce=00000000000000a2&eventType=GEOLOCATION&country=France&city=Paris',
  'nonce=00000000000000a3&eventType=PAGE&href=https%3A%2F%2Fexample.com%2Fcart&title=Cart',
  'nonce=00000000000000a4&eventType=CONVERSION&goalId=2&revenue=24.99',
].join('\n')
/** The same visitor goes on: another page, a line that is no event, and the conversion is taken back. */
const brokenLine = 'nonce=00000000000000b2&eventType=CONVERSION&goalId=two&revenue=5'
const nextLines = [
  'nonce=00000000000000b1&eventType=PAGE&href=https%3A%2F%2Fexample.com%2Faccount',
  brokenLine,
  'nonce=00000000000000b3&eventType=CONVERSION&goalId=2&revenue=24.99&negative=true',
].join('\n')

describe('one site that hears all four protocols', () => {
  let pipeline: PipelineProcess
  const cleanup = new Cleanup()

  beforeAll(async () => {
    const directory = await temporaryDirectory()
    cleanup.defer(directory.remove)
    const sitesFile = join(directory.path, 'sites.json')
    await writeFile(sitesFile, JSON.stringify(sites))
    pipeline = await PipelineProcess.start({
      dataDirectory: join(directory.path, 'data'),
      environment: { SITES_FILE: sitesFile },
    })
    cleanup.defer(async () => expect(await pipeline.process.stop()).toBe(0))
  })
  afterAll(() => cleanup.run())

  /** @returns status and body */
  async function send(
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<[number, unknown]> {
    const response = await fetch(`${pipeline.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': aBrowser, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    const text = await response.text()
    return [response.status, text.startsWith('{') ? (JSON.parse(text) as unknown) : text]
  }

  const octeth = (fields: Readonly<Record<string, unknown>>): Promise<[number, unknown]> =>
    send('/api/v1/event', { APIKey: 'k', ListID: 94, ...fields })

  const contains = async (query: string, rows: readonly unknown[]): Promise<void> => {
    await eventually(query, storedMsMax, async () => expect(await pipeline.sql(query)).toEqual(rows))
  }

  it('answers each as its protocol does', { timeout: testMsMax }, async () => {
    const plausible = { d: 'example.com', u: 'https://example.com/' }
    expect(await send('/api/event', { n: 'pageview', ...plausible })).toEqual([202, 'ok'])
    expect(await send('/api/event', { n: 'Signup', ...plausible, p: { plan: 'pro' } })).toEqual([202, 'ok'])

    expect(await send(kameleoonUrl, firstLines, { 'content-type': '*/*' })).toEqual([202, ''])
    expect(await send(kameleoonUrl, nextLines, { 'content-type': '*/*' })).toEqual([202, ''])
    expect(await send(kameleoonUrl, firstLines, { 'content-type': '*/*' })).toEqual([202, ''])

    const ann = { Email: 'Ann@Example.com', ID: 'oct-visitor' }
    const page = { $current_url: 'https://example.com/pricing', $page_title: 'Pricing' }
    const view = { ...ann, Event: 'pageView', Properties: page, UUID: '13f8e79a-f063-4b80-10e4-b65a699a2f56' }
    expect(await octeth(view)).toMatchObject([200, { external_id: 'oct-visitor', identify_event_sent: true }])
    expect(await octeth(view)).toMatchObject([200, { uuid: view.UUID, identify_event_sent: false }])
    const bought = { 'conversion-id': 'o-1', 'conversion-name': 'purchase', 'conversion-value': 290.5 }
    expect(await octeth({ ...ann, Event: 'conversion', Properties: bought })).toMatchObject([
      200,
      { identify_event_sent: false },
    ])
    expect(await octeth({ ...ann, Event: 'identify', Properties: { firstName: 'Ann' } })).toMatchObject([
      200,
      { identify_event_sent: true },
    ])
    const test = { ...ann, Email: 'test@example.com', Event: 'only a test', Properties: { isTest: true } }
    expect(await octeth(test)).toMatchObject([200, { status: 'success', identify_event_sent: false }])
    expect(await octeth({ ...ann, Email: 'bob@example.com', ID: 'oct-other', Event: 'login' })).toMatchObject(
      [200, { identify_event_sent: true }],
    )

    const contact = { contact_uid: 'suc-visitor' }
    const visit = {
      ...contact,
      event_uid: 'pageview',
      params: { visit_url: 'https://example.com/onboarding' },
    }
    const login = { ...contact, event_uid: 'user_login', params: { account_uid: '78910' } }
    const success = [200, { status: 'success' }]
    expect(await send('/v1/track/event?api_token=t0ken', visit)).toEqual(success)
    const token = { authorization: `Basic ${Buffer.from('t0ken:').toString('base64')}` }
    const batch = [
      { method: 'event', ...login },
      { method: 'contact', ...contact, params: { plan: 'pro' } },
    ]
    expect(await send('/v1/batch', batch, token)).toEqual(success)
  })

  it('counts page views by one name across protocols', { timeout: testMsMax }, () =>
    contains(
      `SELECT protocol, groupArray(pathname) AS pages FROM
         (SELECT * FROM events WHERE site = 'example.com' AND name = 'pageview' ORDER BY kafka_partition, kafka_offset)
       GROUP BY protocol ORDER BY protocol`,
      [
        { protocol: 'kameleoon', pages: ['/cart', '/account'] },
        { protocol: 'octeth', pages: ['/pricing'] },
        { protocol: 'plausible', pages: ['/'] },
        { protocol: 'successeve', pages: ['/onboarding'] },
      ],
    ),
  )

  it('makes one session for each visitor, by the id it came with', { timeout: testMsMax }, () =>
    contains(
      `SELECT visitor_id, toUInt32(pageviews) AS views, toFloat64(revenue) AS amount, entry_page, exit_page FROM sessions
       WHERE site = 'example.com' ORDER BY visitor_id`,
      [
        { visitor_id: '', views: 1, amount: 0, entry_page: '/', exit_page: '/' },
        { visitor_id: 'kam-visitor', views: 2, amount: 0, entry_page: '/cart', exit_page: '/account' },
        { visitor_id: 'oct-other', views: 0, amount: 0, entry_page: '', exit_page: '' },
        { visitor_id: 'oct-visitor', views: 1, amount: 290.5, entry_page: '/pricing', exit_page: '/pricing' },
        {
          visitor_id: 'suc-visitor',
          views: 1,
          amount: 0,
          entry_page: '/onboarding',
          exit_page: '/onboarding',
        },
      ],
    ),
  )

  it(
    'lets what a visitor says of device and place hold for the rest of the session',
    { timeout: testMsMax },
    async () => {
      await contains(
        `SELECT browser, browser_version, os, device, country, city, arraySort(groupUniqArray(name)) AS names FROM
         (SELECT * FROM events WHERE visitor_id = 'kam-visitor')
       WHERE name IN ('pageview', 'conversion') GROUP BY ALL`,
        [
          {
            browser: 'Safari',
            browser_version: '16.3',
            os: 'iOS',
            device: 'Mobile',
            country: 'FR',
            city: 'Paris',
            names: ['conversion', 'pageview'],
          },
        ],
      )
      await contains(`SELECT browser, os, device, country FROM sessions WHERE visitor_id = 'kam-visitor'`, [
        { browser: 'Safari', os: 'iOS', device: 'Mobile', country: 'FR' },
      ])
    },
  )

  it('takes a conversion back', { timeout: testMsMax }, async () => {
    await contains(
      `SELECT toFloat64(revenue) AS amount, props['negative'] AS negative FROM events
       WHERE visitor_id = 'kam-visitor' AND name = 'conversion' ORDER BY kafka_offset`,
      [
        { amount: 24.99, negative: '' },
        { amount: -24.99, negative: 'true' },
      ],
    )
    await contains(
      `SELECT goal_id, toInt32(sum(count)) AS conversions, sum(revenue) AS amount FROM kameleoon_conversions GROUP BY goal_id`,
      [{ goal_id: '2', conversions: 0, amount: 0 }],
    )
  })

  it(
    'keeps a line that is no event with its field and reason, and its neighbours as events',
    { timeout: testMsMax },
    async () => {
      await eventually('the line is among the dead letters', storedMsMax, async () => {
        const [letter, ...others] = await pipeline.sql<{ cause: string; record: string }>(
          'SELECT stage, cause, record FROM dead_letters',
        )
        expect(others).toEqual([])
        expect(letter).toMatchObject({ stage: 'enricher' })
        expect(letter?.cause).toMatch(/goalId: .+/)
        expect(letter?.record).toContain(brokenLine)
      })
      await contains(
        `SELECT name FROM events WHERE client_event_id LIKE '00000000000000b%' ORDER BY client_event_id`,
        [{ name: 'pageview' }, { name: 'conversion' }],
      )
    },
  )

  it('stores what a client repeats once', { timeout: testMsMax }, async () => {
    await contains(
      `SELECT protocol, toUInt32(count()) AS repeats FROM dropped_events WHERE reason = 'repeat' GROUP BY protocol ORDER BY protocol`,
      [
        { protocol: 'kameleoon', repeats: 4 },
        { protocol: 'octeth', repeats: 1 },
      ],
    )
    await contains(
      `SELECT client_event_id FROM events WHERE client_event_id != '' GROUP BY site, visitor_id, client_event_id HAVING count() > 1`,
      [],
    )
  })

  it('stores nothing of a test, and no email in clear', { timeout: testMsMax }, async () => {
    await contains(`SELECT count() > 0 AS is_stored FROM events WHERE name = 'identify'`, [{ is_stored: 1 }])
    await contains(
      `SELECT name FROM events WHERE name = 'only a test' OR arrayExists(value -> value ILIKE '%@example.com%', mapValues(props))`,
      [],
    )
  })

  it('lists the properties of what came a moment ago', { timeout: testMsMax }, async () => {
    const asked = { APIKey: 'k', ListID: 94 }
    const sent = await octeth({
      Email: 'ann@example.com',
      ID: 'oct-visitor',
      Event: 'late',
      Properties: { b: 1, a: 2 },
    })
    expect(sent[0]).toBe(200)
    await eventually('it is listed', storedMsMax, async () => {
      const [status, answer] = await send('/api/v1/website_events.properties', asked)
      expect(status).toBe(200)
      expect(answer).toMatchObject({
        ListID: '94',
        Properties: {
          conversion: ['conversion-id', 'conversion-name', 'conversion-value'],
          identify: ['firstName'],
          late: ['a', 'b'],
          pageView: ['$current_url', '$page_title'],
        },
      })
    })
    const others = await send('/api/v1/website_events.properties', { ...asked, ListID: 95 })
    expect(others).toEqual([422, { Errors: [{ Code: 3, Message: 'List not found' }] }])
  })

  it('counts every event that it has accepted', { timeout: testMsMax }, () =>
    contains('SELECT toUInt32(sum(missing)) AS missing FROM missing_events', [{ missing: 0 }]),
  )
})

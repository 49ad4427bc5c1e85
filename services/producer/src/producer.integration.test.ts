import { decodeTally } from '@millrace/events'
import { eventRoutes, type RouteExample } from '@millrace/intake'
import { LogError } from '@millrace/log'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { aBrowser, now, startTestProducer, type Changes } from './test-producer.ts'

const servers: FastifyInstance[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

const aProducer = (changes: Changes = {}) => startTestProducer(changes, servers)

const pageview = {
  n: 'pageview',
  u: 'https://example.com/pricing?utm_source=news',
  d: 'example.com',
  r: null,
}

describe('POST /api/event', () => {
  it('answers 202 ok with the place of the event in the log, once the log has it', async () => {
    const { log, post } = await aProducer()
    let open: () => void = () => undefined
    log.gate = new Promise((resolve) => {
      open = resolve
    })
    let isAnswered = false
    const answer = post(pageview).finally(() => {
      isAnswered = true
    })
    await post({}) // refused, and answered while the event waits
    expect([isAnswered, log.records.length]).toEqual([false, 0])
    open()
    const response = await answer
    expect([response.status, await response.text()]).toEqual([202, 'ok'])
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('x-millrace-receipt')).toBe(`${String(log.records[0]?.partition)}-1000`)
    expect(response.headers.get('x-plausible-dropped')).toBeNull()
  })

  it('writes the event with the facts that enrichment needs', async () => {
    const { log, post } = await aProducer()
    await post(pageview, {
      'x-forwarded-for': '203.0.113.9, 81.2.69.142, 10.0.0.1',
      'accept-language': 'en-GB,en;q=0.9',
      'sec-ch-ua': '"Chromium";v="140"',
      'sec-ch-ua-platform': '"Windows"',
      'sec-ch-ua-platform-version': '"15.0.0"',
      'idempotency-key': 'try-1',
    })
    expect(log.events()).toEqual([
      {
        protocol: 'plausible',
        site: 'example.com',
        name: 'pageview',
        receivedAt: now,
        hostname: 'example.com',
        pathname: '/pricing',
        query: 'utm_source=news',
        title: '',
        referrer: '',
        props: [],
        interactive: true,
        scrollDepth: 0,
        engagementMs: 0,
        clientEventId: 'try-1',
        ip: '81.2.69.142',
        userAgent: aBrowser,
        clientHints: { brands: '"Chromium";v="140"', platform: '"Windows"', platformVersion: '"15.0.0"' },
        language: 'en-GB',
        producerId: 'producer-1',
        producerSequence: 1,
      },
    ])
  })

  it('gives each site of a post an event and a receipt, in the order of the sites', async () => {
    const { log, post } = await aProducer({
      sites: { sites: [{ domain: 'a.example' }, { domain: 'c.example' }] },
    })
    const response = await post(
      { ...pageview, d: 'a.example,b.example,www.c.example,a.example' },
      { 'idempotency-key': 'k' },
    )
    expect(response.status).toBe(202)
    expect(response.headers.get('x-plausible-dropped')).toBe('1')
    const events = log.events()
    expect(events.map(({ site, drop, clientEventId }) => [site, drop, clientEventId])).toEqual([
      ['a.example', undefined, 'k'],
      ['b.example', 'not_found', 'k'],
      ['c.example', undefined, 'k'],
      ['a.example', undefined, 'k#3'],
    ])
    const partitions = response.headers
      .get('x-millrace-receipt')
      ?.split(',')
      .map((place) => Number(place.split('-')[0]))
    expect(partitions).toEqual(log.records.map(({ partition }) => partition))
  })

  it.each([
    [500, true],
    [501, false],
  ])('gives %i events a receipt: %s, for headers must stay small', async (count, isGiven) => {
    const { log, port } = await aProducer()
    const line = (index: number) =>
      `eventType=activity&visitorCode=v&nonce=${index.toString(16).padStart(16, '0')}`
    const response = await fetch(`http://127.0.0.1:${String(port)}/visit/events?siteCode=s`, {
      method: 'POST',
      headers: { 'user-agent': aBrowser },
      body: Array.from({ length: count }, (_, index) => line(index)).join('\n'),
    })
    expect(response.status).toBe(202)
    expect(log.records).toHaveLength(count)
    expect(response.headers.get('x-millrace-receipt')?.split(',').length).toBe(isGiven ? count : undefined)
  })

  it('writes what a rule refuses with its reason, gives it a receipt and counts it', async () => {
    const { log, post, metricsText } = await aProducer({ spam: ['https://spam.example/'] })
    const answers = [
      await post(pageview, { 'user-agent': 'curl/8.5.0' }),
      await post({ ...pageview, r: 'https://spam.example/' }),
      await post(pageview, { 'x-plausible-ip-type': 'dc_ip' }),
    ]
    for (const answer of answers) {
      expect([answer.status, await answer.text(), answer.headers.get('x-plausible-dropped')]).toEqual([
        202,
        'ok',
        '1',
      ])
      expect(answer.headers.get('x-millrace-receipt')).toMatch(/^\d-1\d{3}$/)
    }
    expect(log.events().map(({ drop }) => drop)).toEqual(['bot', 'spam_referrer', 'dc_ip'])
    const text = await metricsText()
    expect(text).toContain('millrace_events_dropped_total{protocol="plausible",reason="bot"} 1')
    expect(text).not.toContain('millrace_events_accepted_total{')
  })

  it('keeps a bot with what gave it away, where the site marks bots', async () => {
    const { log, post } = await aProducer({ sites: { sites: [{ domain: 'example.com', bots: 'mark' }] } })
    const response = await post(pageview, { 'user-agent': 'curl/8.5.0' })
    expect(response.headers.get('x-plausible-dropped')).toBeNull()
    expect(log.events()[0]).toMatchObject({ botReason: 'library:curl' })
    expect(log.events()[0]?.drop).toBeUndefined()
  })

  it('keeps revenue for goals with a currency, and for sites that no file describes', async () => {
    const goals = [{ eventName: 'Purchase', currency: 'USD' }, { eventName: 'Lead' }]
    const purchase = { ...pageview, n: 'Purchase', revenue: { amount: 10.2, currency: 'EUR' } }
    const known = await aProducer({ sites: { sites: [{ domain: 'example.com', goals }] } })
    for (const n of ['Purchase', 'Lead', 'Other']) await known.post({ ...purchase, n })
    expect(known.log.events().map(({ revenue }) => revenue)).toEqual([
      { amount: '10.2', currency: 'EUR' },
      undefined,
      undefined,
    ])
    const unknown = await aProducer()
    await unknown.post(purchase)
    expect(unknown.log.events()[0]?.revenue).toEqual({ amount: '10.2', currency: 'EUR' })
  })

  it('refuses what is no event as Plausible does and stores nothing', async () => {
    const { log, post } = await aProducer()
    const response = await post({ d: 'example.com' })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ errors: { event_name: ["can't be blank"] } })
    expect(log.records).toEqual([])
  })

  it('refuses what is above the site’s rate with 429, all or nothing', async () => {
    const { log, post } = await aProducer({
      sites: {
        sites: [
          { domain: 'a.example', rateLimit: { eventsPerSecond: 1, burst: 2 } },
          { domain: 'b.example' },
        ],
      },
    })
    const statuses = []
    for (let sent = 0; sent < 3; sent++) statuses.push(await post({ ...pageview, d: 'a.example,b.example' }))
    expect(statuses.map(({ status }) => status)).toEqual([202, 202, 429])
    expect(statuses[2]?.headers.get('retry-after')).toBe('1')
    expect(log.records).toHaveLength(4)
  })

  it('charges an event once, and none of a request that it refuses or of what a rule drops', async () => {
    const limited = (domain: string, burst: number) => ({ domain, rateLimit: { eventsPerSecond: 1, burst } })
    const { post } = await aProducer({
      sites: { sites: [limited('a.example', 3), limited('b.example', 1)] },
    })
    const aBot = { 'user-agent': 'curl/8.5.0' }
    for (let sent = 0; sent < 9; sent++) {
      expect((await post({ ...pageview, d: 'a.example' }, aBot)).headers.get('x-plausible-dropped')).toBe('1')
      expect((await post({ ...pageview, d: 'unknown.example' })).status).toBe(202)
    }
    const ask = async (d: string) => (await post({ ...pageview, d })).status
    expect(await ask('b.example')).toBe(202)
    // Both or none: what b refuses costs a nothing.
    for (let sent = 0; sent < 9; sent++) expect(await ask('a.example,b.example')).toBe(429)
    expect([await ask('a.example'), await ask('a.example'), await ask('a.example')]).toEqual([202, 202, 202])
    expect(await ask('a.example')).toBe(429)
  })

  it.each(eventRoutes.filter(({ path }) => path !== '/v1/ping').map((route) => [route.path, route] as const))(
    'answers what is above the rate with 429 and Retry-After at %s',
    async (path, { document }) => {
      const keys = {
        kameleoon: { siteCodes: ['abcdefghij'] },
        octeth: { listIds: [94] },
        successeve: { apiTokens: ['t0ken'] },
      }
      const rateLimit = { eventsPerSecond: 1, burst: 1 }
      const { port } = await aProducer({
        sites: {
          sites: [{ domain: 'example.com', ...keys, rateLimit }],
          octeth: { apiKeys: ['k'], sessionIds: [] },
        },
      })
      const [{ query = '', type, headers = {}, body }] = Object.values(document.examples) as [RouteExample]
      const ask = () =>
        fetch(`http://127.0.0.1:${String(port)}${path}?${query}`, {
          method: 'POST',
          headers: { 'content-type': type, 'user-agent': aBrowser, ...headers },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        })
      expect((await ask()).ok).toBe(true)
      const refused = await ask()
      expect(refused.status).toBe(429)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(await refused.json()).toMatchObject({ error: { code: 'RATE_LIMITED' } })
      expect(refused.headers.has('x-millrace-receipt')).toBe(false)
    },
  )

  it('counts for the books what the log has taken, drops among it, with its places', async () => {
    const { log, post, counts } = await aProducer({
      sites: { sites: [{ domain: 'a.example' }, { domain: 'b.example' }] },
      deadlineMs: 30,
    })
    await post({ ...pageview, d: 'a.example,b.example' })
    await post({ ...pageview, d: 'a.example' }, { 'user-agent': 'curl/8.5.0' })
    await post({ d: 'a.example' }) // refused
    log.trouble = new LogError('no leader', { code: 'LOG_UNAVAILABLE', retriable: true })
    await post({ ...pageview, d: 'a.example' }) // 503
    const tallied = counts.take().records.flatMap(({ value }) => decodeTally(value).counts)
    const heads = new Map<number, number>()
    const expected = log.records.map(({ partition }, index) => {
      const offset = heads.get(partition) ?? 1_000
      heads.set(partition, offset + 1)
      return [log.events()[index]?.site, partition, offset]
    })
    expect(expected).toHaveLength(3)
    expect(tallied.map(([, site, , partition, , last]) => [site, partition, last])).toEqual(expected)
    expect(tallied.map(([page, , minute, , accepted]) => [page, minute, accepted])).toEqual(
      Array(3).fill([0, now / 1000, 1]),
    )
  })

  it('answers 503 with Retry-After while the log is down, and 202 when it is back; never a false 202', async () => {
    const { log, post, lines, metricsText } = await aProducer({ deadlineMs: 50 })
    log.trouble = new LogError('no leader', { code: 'LOG_UNAVAILABLE', retriable: true })
    const refused = await Promise.all(Array.from({ length: 20 }, () => post(pageview)))
    for (const response of refused) {
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
      expect(await response.json()).toMatchObject({ error: { code: 'APPEND_DEADLINE_PASSED' } })
    }
    expect(log.records).toEqual([])
    expect(await metricsText()).toContain(
      'millrace_events_unavailable_total{cause="APPEND_DEADLINE_PASSED"} 20',
    )
    expect(lines).toHaveLength(1)
    log.trouble = undefined
    expect((await post(pageview)).status).toBe(202)
    expect(log.records).toHaveLength(1)
  })

  it('answers 503 at once when the backlog is full, and loses nothing that it had taken', async () => {
    const { log, post } = await aProducer({ backlogRecordsMax: 5, deadlineMs: 5_000 })
    let open: () => void = () => undefined
    log.gate = new Promise((resolve) => {
      open = resolve
    })
    const refused: Response[] = []
    const answers = Array.from({ length: 12 }, async () => {
      const response = await post(pageview)
      if (response.status === 503) refused.push(response)
      return response.status
    })
    await vi.waitFor(() => {
      expect(refused).toHaveLength(7)
    }, 5_000)
    expect(await refused[0]?.json()).toMatchObject({ error: { code: 'BACKLOG_FULL' } })
    open()
    const statuses = await Promise.all(answers)
    expect(statuses.filter((status) => status === 202)).toHaveLength(5)
    expect(log.records).toHaveLength(5)
  })

  it.each([
    ['all', 0],
    ['some', 1],
  ])(
    'answers 202 without a receipt while %s of the events wait on the disk for the log',
    async (_, placed) => {
      const { log, post, metricsText } = await aProducer({ batchRecordsMax: 1 })
      log.placesAppends = placed
      const response = await post({ ...pageview, d: 'a.example,b.example' })
      expect([response.status, await response.text()]).toEqual([202, 'ok'])
      expect(response.headers.get('x-millrace-receipt')).toBeNull()
      expect(await metricsText()).toContain('millrace_events_accepted_total{protocol="plausible"} 2')
    },
  )

  it('answers 503 before the log is there', async () => {
    const { post } = await aProducer({ withoutLog: true })
    const response = await post(pageview)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
  })

  it('refuses an event that the log would not take with 413 and stores nothing of the request', async () => {
    const { log, post } = await aProducer({ recordBytesMax: 2_000 })
    const response = await post({ ...pageview, props: { long: 'x'.repeat(1_900) } })
    expect(response.status).toBe(413)
    expect(log.records).toEqual([])
  })

  it('answers 500 for trouble that no retry mends', async () => {
    const { log, post } = await aProducer()
    log.trouble = new LogError('gone', { code: 'UNKNOWN_TOPIC', retriable: false })
    expect((await post(pageview)).status).toBe(500)
  })

  it('brings events of one partition to the log in the order of their sequences, many at once', async () => {
    const { log, post } = await aProducer()
    await Promise.all(Array.from({ length: 300 }, () => post(pageview)))
    const sequences = log.events().map(({ producerSequence }) => producerSequence)
    expect(sequences).toEqual(Array.from({ length: 300 }, (_, index) => index + 1))
  })

  it('believes forwarding headers of trusted peers only, and writes addresses and user agents into no log line', async () => {
    const { log, post, lines } = await aProducer({ deadlineMs: 30 })
    log.trouble = new LogError('no leader', { code: 'LOG_UNAVAILABLE', retriable: true })
    await post(pageview, { 'x-forwarded-for': '81.2.69.142' })
    log.trouble = new LogError('broken', { code: 'UNKNOWN_TOPIC', retriable: false })
    await post(pageview, { 'x-forwarded-for': '81.2.69.142' })
    expect(lines.length).toBeGreaterThan(1)
    expect(lines.join('\n')).not.toMatch(/81\.2\.69\.142|Mozilla/)
  })
})

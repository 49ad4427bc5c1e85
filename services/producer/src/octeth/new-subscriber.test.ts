import { BotDetector, defaultTrustedProxies, parseTrustedProxies } from '@millrace/enrichment'
import { eventRoutes, Intake, RawRecords } from '@millrace/intake'
import { LogError } from '@millrace/log'
import { createLogger, Metrics } from '@millrace/runtime'
import { parseSites, RateLimiter } from '@millrace/sites'
import { describe, expect, it } from 'vitest'
import { InternalEvents } from '../internal-events.ts'
import { MemoryLog } from '../memory-log.ts'
import { Producer } from '../producer.ts'
import { Subscribers } from './subscribers.ts'

const route = eventRoutes.find(({ path }) => path === '/api/v1/event')
const sites = parseSites(
  JSON.stringify({
    sites: [
      {
        domain: 'example.com',
        octeth: { listIds: [94] },
        shields: { ips: ['192.0.2.7'] },
        rateLimit: { eventsPerSecond: 1, burst: 3 },
      },
    ],
    octeth: { apiKeys: ['k'], sessionIds: [] },
  }),
)

/** A producer whose ClickHouse has nobody, and counts who asks. */
function aProducer() {
  const log = new MemoryLog()
  const records = new RawRecords({ producerId: 'p', partitionCount: MemoryLog.partitionCount })
  const asked: string[] = []
  const lookup = {
    find: ({ emailHash }: { readonly emailHash: string }) => {
      asked.push(emailHash)
      return Promise.resolve(false)
    },
  }
  const producer = new Producer({
    eventLog: () => ({ append: (made) => log.append(made), records }),
    intake: new Intake({
      sites: () => sites,
      trustedProxies: parseTrustedProxies(defaultTrustedProxies),
      bots: new BotDetector(),
      referrerSpam: { has: () => false },
    }),
    sites: () => sites,
    rateLimiter: new RateLimiter(),
    internalEvents: new InternalEvents({
      logger: createLogger({ name: 'test', level: 'silent' }),
      metrics: new Metrics(),
      backlogFill: () => 0,
    }),
    subscribers: new Subscribers({ lookup }),
    now: () => Date.UTC(2026, 10, 21, 12),
    limits: { recordBytesMax: 500_000, batchRecordsMax: 1_000, batchBytesMax: 900_000, retryAfterS: 2 },
  })
  const post = async (peer = '198.51.100.1') => {
    if (route === undefined) throw new Error('no route')
    const body = { APIKey: 'k', ListID: 94, Event: 'test', Email: 'jane@example.com' }
    const request = { method: 'POST', query: '', headers: {}, body: Buffer.from(JSON.stringify(body)), peer }
    const answer = await producer.accept(route, request)
    const told = JSON.parse(answer.body) as { readonly identify_event_sent?: boolean }
    return [answer.status, told.identify_event_sent]
  }
  return { post, log, asked }
}

describe('a producer that is sent an email for the first time', () => {
  it('calls it new once', async () => {
    const { post, asked } = aProducer()
    expect(await Promise.all([post(), post()])).toEqual([
      [200, true],
      [200, false],
    ])
    expect(await post()).toEqual([200, false])
    expect(asked).toHaveLength(2)
  })

  it('calls it new the next time when the log did not take the event', async () => {
    const { post, log } = aProducer()
    log.trouble = new LogError('gone', { code: 'LOG_UNAVAILABLE', retriable: true })
    expect(await post()).toEqual([503, undefined])
    log.trouble = undefined
    expect(await post()).toEqual([200, true])
  })

  it('calls it new when the event waits on the disk for the log', async () => {
    const { post, log } = aProducer()
    log.placesAppends = 0
    expect(await post()).toEqual([200, true])
    expect(await post()).toEqual([200, false])
  })

  it('neither asks nor calls it new when a rule drops the event, or the site sends too much', async () => {
    const { post, asked } = aProducer()
    expect(await post('192.0.2.7')).toEqual([200, false])
    expect(asked).toEqual([])
    for (let sent = 0; sent < 3; sent++) await post()
    const before = asked.length
    expect((await post())[0]).toBe(429)
    expect(asked).toHaveLength(before)
  })
})

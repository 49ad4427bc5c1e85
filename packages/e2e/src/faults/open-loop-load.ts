import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SeededRandom } from './seeded-random.ts'
import type { SentEvent, SentEvents } from './sent-events.ts'
import { asRequest, type VisitTraffic } from './visit-traffic.ts'

const tickMs = 10
/** A round that takes longer than this, as on a busy machine, goes on at a fraction of the rate. */
const fullRateMsMax = 20_000
const reducedRateShare = 0.2
/** Beyond any wait that a producer may need to answer, and any freeze. */
const answerMsMax = 12_000
/** An event that is due while so many wait for an answer is not sent. */
const underWayMax = 2_000
/** Requests with the same event, where it has a key. */
const attemptsMax = 4
const repeatDelayMs = { min: 100, max: 1_200 }

export interface LoadOptions {
  /** Events a second; they leave at their time whether or not earlier ones were answered. */
  readonly rate: number
  /** Where producers are; each event goes to one of them by chance. */
  readonly urls: readonly string[]
  readonly traffic: VisitTraffic
  readonly sent: SentEvents
  readonly random: SeededRandom
}

/** Sends until it is stopped. Only an event with a key is sent again. */
export function startLoad(options: LoadOptions): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const sending = sendUntil(stopping.signal, options)
  return {
    stop: async () => {
      stopping.abort()
      await sending
    },
  }
}

async function sendUntil(signal: AbortSignal, options: LoadOptions): Promise<void> {
  const { rate, traffic, sent } = options
  const agent = new Agent({ keepAlive: true, maxSockets: underWayMax })
  const underWay = new Set<Promise<void>>()
  const startedAt = performance.now()
  for (let count = 0; !signal.aborted;) {
    const ms = performance.now() - startedAt
    const fullMs = Math.min(ms, fullRateMsMax) + Math.max(0, ms - fullRateMsMax) * reducedRateShare
    const due = Math.floor((fullMs / 1000) * rate)
    for (; count < due; count++) {
      if (underWay.size >= underWayMax) continue
      const event = sent.add(traffic.next())
      const posting = deliver(event, { ...options, agent }).finally(() => underWay.delete(posting))
      underWay.add(posting)
    }
    await sleep(tickMs)
  }
  await Promise.all(underWay)
  agent.destroy()
}

/** Sends it, and where it has a key again until it is accepted, each time to a producer by chance. */
async function deliver(
  event: SentEvent,
  { urls, sent, random, agent }: LoadOptions & { readonly agent: Agent },
): Promise<void> {
  let left = event.key === undefined ? 1 : attemptsMax
  while (left > 0) {
    const attempt = sent.attempt(event, performance.now())
    const answer = await post(event, { url: random.of(urls), agent })
    sent.answered(event, attempt, { ...answer, at: performance.now() })
    left =
      event.acceptedAt === undefined ? left - 1 : event.repeatsAccepted && event.attempts.length === 1 ? 1 : 0
    if (left > 0) await sleep(random.between(repeatDelayMs.min, repeatDelayMs.max))
  }
}

interface Answer {
  /** 0 when there was none. */
  readonly status: number
  readonly receipt: string | undefined
}

function post(event: SentEvent, { url, agent }: { url: string; agent: Agent }): Promise<Answer> {
  const { headers, body } = asRequest(event)
  return new Promise((resolve) => {
    const broken = () => resolve({ status: 0, receipt: undefined })
    const outgoing = request(
      new URL('/api/event', url),
      { method: 'POST', agent, headers, signal: AbortSignal.timeout(answerMsMax) },
      (response) => {
        response.resume()
        response.once('error', broken)
        response.once('end', () => {
          const receipt = response.headers['x-millrace-receipt']
          resolve({
            status: response.statusCode ?? 0,
            receipt: typeof receipt === 'string' && receipt !== '' ? receipt : undefined,
          })
        })
      },
    )
    outgoing.once('error', broken)
    outgoing.end(body)
  })
}

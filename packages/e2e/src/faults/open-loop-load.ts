import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SeededRandom } from './seeded-random.ts'
import type { SentEvent, SentEvents } from './sent-events.ts'
import { asRequest, type VisitTraffic } from './visit-traffic.ts'

const tickMs = 10
/** Beyond any wait that a producer may need to answer, and any freeze. */
const answerMsMax = 12_000
/** An event that is due while so many wait for an answer is not sent. */
const underWayMax = 2_000

export interface LoadOptions {
  /** Events a second; they leave at their time whether or not earlier ones were answered. */
  readonly rate: number
  /** Where producers are; each event goes to one of them by chance. */
  readonly urls: readonly string[]
  readonly traffic: VisitTraffic
  readonly sent: SentEvents
  readonly random: SeededRandom
}

/** Sends until it is stopped. No event is sent twice, whatever came of it. */
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
  const { rate, urls, traffic, sent, random } = options
  const agent = new Agent({ keepAlive: true, maxSockets: underWayMax })
  const underWay = new Set<Promise<void>>()
  const startedAt = performance.now()
  for (let count = 0; !signal.aborted;) {
    const due = Math.floor(((performance.now() - startedAt) / 1000) * rate)
    for (; count < due; count++) {
      if (underWay.size >= underWayMax) continue
      const event = sent.add(traffic.next(), performance.now())
      const posting = post(event, { url: random.of(urls), agent })
        .then((answer) => sent.answered(event, { ...answer, at: performance.now() }))
        .finally(() => underWay.delete(posting))
      underWay.add(posting)
    }
    await sleep(tickMs)
  }
  await Promise.all(underWay)
  agent.destroy()
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

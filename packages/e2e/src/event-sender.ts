import { Agent, request } from 'node:http'
import { aBrowser } from './pipeline-process.ts'

export interface Sent {
  /** Receipts of all answers 202, in no order. */
  readonly receipts: readonly string[]
  /** Answers by status; 0 is a connection that broke. */
  readonly statuses: ReadonlyMap<number, number>
}

export interface SendOptions {
  readonly url: string
  readonly count: number
  /** Requests under way at the same moment. */
  readonly concurrency: number
  readonly site: string
  /** How many visitors the events come from; a visitor is an address. */
  readonly visitors: number
  /** Stops sending when it aborts. */
  readonly signal?: AbortSignal
  readonly onAnswer?: (accepted: number, status: number) => void
}

/** Sends page views and keeps what was answered: what a client can later hold the pipeline to. */
export async function sendEvents(options: SendOptions): Promise<Sent> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.concurrency })
  const receipts: string[] = []
  const statuses = new Map<number, number>()
  let next = 0
  const work = async (): Promise<void> => {
    while (next < options.count && options.signal?.aborted !== true) {
      const { status, receipt } = await post(options, next++, agent)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (status === 202) receipts.push(receipt)
      options.onAnswer?.(receipts.length, status)
    }
  }
  await Promise.all(Array.from({ length: options.concurrency }, work))
  agent.destroy()
  return { receipts, statuses }
}

function post(
  options: SendOptions,
  index: number,
  agent: Agent,
): Promise<{ status: number; receipt: string }> {
  const body = JSON.stringify({
    n: 'pageview',
    d: options.site,
    u: `https://${options.site}/page-${index % 50}`,
  })
  const visitor = index % options.visitors
  const headers = {
    'user-agent': aBrowser,
    'content-length': Buffer.byteLength(body),
    'x-forwarded-for': `81.2.${Math.floor(visitor / 250) % 250}.${1 + (visitor % 250)}`,
  }
  return new Promise((resolve) => {
    const broken = () => resolve({ status: 0, receipt: '' })
    const outgoing = request(
      new URL('/api/event', options.url),
      { method: 'POST', agent, headers },
      (response) => {
        response.resume()
        response.once('error', broken)
        response.once('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            receipt: String(response.headers['x-millrace-receipt'] ?? ''),
          })
        })
      },
    )
    outgoing.once('error', broken)
    outgoing.end(body)
  })
}

import { Agent, request } from 'node:http'
import { parseArgs } from 'node:util'
import { delay } from '@millrace/runtime'
import { SingleBar } from 'cli-progress'
import { UsageError, type Command, type Terminal } from './command.ts'
import { checkStored } from './load-check.ts'
import { Traffic, type TrafficRequest } from './traffic.ts'

const tickMs = 10
const answerMsMax = 30_000

export const loadCommand: Command = {
  usage:
    'load [--events 10000] [--rate 1000] [--connections 64] [--sites 100] [--visitors 2000] [--seed 1] [--url URL]',
  summary:
    'Sends generated page views and events at a fixed rate, then checks that every accepted one is stored once.',
  async run(args, { config, terminal }) {
    const options = readArguments(args, config.PORT)
    const run = `${Date.now().toString(36)}-${options.seed}`
    const traffic = new Traffic({ ...options, run })
    const startedAt = performance.now()
    const outcome = await send(traffic, options, terminal)
    const seconds = (performance.now() - startedAt) / 1000
    terminal.print(
      `run ${run}: sent ${options.events} in ${seconds.toFixed(1)} s, accepted ${outcome.accepted}, ` +
        `dropped by rule ${outcome.dropped}, refused ${outcome.refused}, failed ${outcome.failed}; ` +
        `answer time p50 ${outcome.percentileMs(0.5)} ms, p99 ${outcome.percentileMs(0.99)} ms`,
    )
    return checkStored({ run, expected: outcome.accepted - outcome.dropped, config, terminal })
  },
}

interface LoadOptions {
  readonly events: number
  /** Events a second; requests leave at their time whether or not earlier ones were answered. */
  readonly rate: number
  readonly connections: number
  readonly sites: number
  readonly visitors: number
  readonly seed: number
  readonly url: URL
}

function readArguments(args: string[], port: number): LoadOptions {
  const { values } = parseArgs({
    args,
    options: {
      events: { type: 'string', default: '10000' },
      rate: { type: 'string', default: '1000' },
      connections: { type: 'string', default: '64' },
      sites: { type: 'string', default: '100' },
      visitors: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      url: { type: 'string', default: `http://127.0.0.1:${port}` },
    },
  })
  const whole = (name: 'events' | 'rate' | 'connections' | 'sites' | 'visitors' | 'seed'): number => {
    const value = Number(values[name])
    if (!Number.isSafeInteger(value) || value < 1)
      throw new UsageError(`--${name} wants a whole number above 0`)
    return value
  }
  return {
    events: whole('events'),
    rate: whole('rate'),
    connections: whole('connections'),
    sites: whole('sites'),
    visitors: whole('visitors'),
    seed: whole('seed'),
    url: new URL('/api/event', values.url),
  }
}

class Outcome {
  accepted = 0
  dropped = 0
  refused = 0
  failed = 0
  readonly #answerMs: number[] = []

  /** @param ms from the time the request was due, so that a stall counts against every request it delayed */
  record(status: number, dropped: number, ms: number): void {
    this.#answerMs.push(ms)
    if (status === 202) {
      this.accepted++
      this.dropped += dropped
    } else this.refused++
  }

  percentileMs(share: number): string {
    const sorted = this.#answerMs.toSorted((a, b) => a - b)
    return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)
  }
}

async function send(traffic: Traffic, options: LoadOptions, terminal: Terminal): Promise<Outcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections })
  const outcome = new Outcome()
  const bar = terminal.isInteractive
    ? new SingleBar({ format: '{bar} {value}/{total} {eta_formatted}' })
    : undefined
  bar?.start(options.events, 0)
  const pending = new Map<string, Promise<void>>()
  const startedAt = performance.now()
  for (let sent = 0; sent < options.events;) {
    const due = Math.min(
      options.events,
      Math.floor(((performance.now() - startedAt) / 1000) * options.rate) + 1,
    )
    for (; sent < due; sent++) {
      const dueAt = startedAt + (sent / options.rate) * 1000
      const event = traffic.next()
      // A visitor sends one thing after the other, as a browser does: an engagement never overtakes its page view.
      const answered = (pending.get(event.ip) ?? Promise.resolve())
        .then(() => post(event, options.url, agent))
        .then(({ status, dropped }) => outcome.record(status, dropped, performance.now() - dueAt))
        .catch(() => {
          outcome.failed++
        })
        .finally(() => {
          if (pending.get(event.ip) === answered) pending.delete(event.ip)
        })
      pending.set(event.ip, answered)
    }
    bar?.update(sent)
    await delay(tickMs)
  }
  await Promise.all(pending.values())
  bar?.stop()
  agent.destroy()
  return outcome
}

function post(event: TrafficRequest, url: URL, agent: Agent): Promise<{ status: number; dropped: number }> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'text/plain',
      'content-length': Buffer.byteLength(event.body),
      'user-agent': event.userAgent,
      'x-forwarded-for': event.ip,
    }
    const outgoing = request(url, { method: 'POST', agent, headers, timeout: answerMsMax }, (response) => {
      response.resume()
      response.once('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          dropped: Number(response.headers['x-plausible-dropped'] ?? 0),
        })
      })
      response.once('error', reject)
    })
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in time')))
    outgoing.once('error', reject)
    outgoing.end(event.body)
  })
}

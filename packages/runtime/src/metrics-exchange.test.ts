import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { collectMetrics } from './metrics-exchange.ts'
import { Metrics } from './metrics.ts'

const waitMsMax = 2_000

/** Stands in for a service thread: answers each request for metrics with one counter. */
const peer = `
const { BroadcastChannel, parentPort } = require('node:worker_threads')
const requests = new BroadcastChannel('millrace.metrics.requests')
const answers = new BroadcastChannel('millrace.metrics.answers')
requests.onmessage = ({ data: request }) => answers.postMessage({ request, from: 99, metrics: [
  { name: 'peer_total', help: 'p', type: 'counter', aggregator: 'sum', values: [{ value: 3, labels: {} }] },
] })
parentPort.postMessage('ready')`

function ownMetrics(): Metrics {
  const metrics = new Metrics()
  metrics.counter({ name: 'own_total', help: 'o' }).inc(2)
  return metrics
}

describe('collectMetrics', () => {
  it('is the own registry where there are no other threads', async () => {
    expect(await collectMetrics(ownMetrics(), { peers: 0, waitMsMax })).toMatch(/^own_total 2$/m)
  })

  it('adds what the other service threads of the process count', async () => {
    const worker = new Worker(peer, { eval: true })
    await new Promise((resolve) => worker.once('message', resolve))
    const text = await collectMetrics(ownMetrics(), { peers: 1, waitMsMax })
    await worker.terminate()
    expect(text).toMatch(/^own_total 2$/m)
    expect(text).toMatch(/^peer_total 3$/m)
  })

  it('does without a thread that does not answer in time', async () => {
    expect(await collectMetrics(ownMetrics(), { peers: 1, waitMsMax: 20 })).toMatch(/^own_total 2$/m)
  })
})

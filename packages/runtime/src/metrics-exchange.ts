import { BroadcastChannel, threadId } from 'node:worker_threads'
import { AggregatorRegistry, type MetricObject } from 'prom-client'
import type { Metrics } from './metrics.ts'

const requests = 'millrace.metrics.requests'
const answers = 'millrace.metrics.answers'

interface Answer {
  readonly request: number
  readonly from: number
  readonly metrics: MetricObject[]
}

/** Answers other threads of this process that collect metrics. Call once per service thread; returns the stop. */
export function answerMetricsRequests(metrics: Metrics): () => void {
  const incoming = new BroadcastChannel(requests)
  const outgoing = new BroadcastChannel(answers)
  incoming.onmessage = (event) => {
    const { data: request } = event as { data: number }
    void metrics.registry.getMetricsAsJSON().then((own) => {
      outgoing.postMessage({ request, from: threadId, metrics: own })
    })
  }
  incoming.unref()
  outgoing.unref()
  return () => {
    incoming.close()
    outgoing.close()
  }
}

/**
 * Prometheus text of this service and of the other service threads of this process.
 * @param options.peers how many other threads answer; waits at most `options.waitMsMax` for them
 */
export async function collectMetrics(
  own: Metrics,
  options: { readonly peers: number; readonly waitMsMax: number },
): Promise<string> {
  if (options.peers === 0) return own.registry.metrics()
  const others = await askPeers(options)
  return AggregatorRegistry.aggregate([await own.registry.getMetricsAsJSON(), ...others]).metrics()
}

function askPeers(options: { peers: number; waitMsMax: number }): Promise<MetricObject[][]> {
  const request = Math.random()
  const incoming = new BroadcastChannel(answers)
  const outgoing = new BroadcastChannel(requests)
  const collected: MetricObject[][] = []
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(deadline)
      incoming.close()
      outgoing.close()
      resolve(collected)
    }
    const deadline = setTimeout(finish, options.waitMsMax)
    incoming.onmessage = (event) => {
      const { data } = event as { data: Answer }
      if (data.request !== request || data.from === threadId) return
      collected.push(data.metrics)
      if (collected.length === options.peers) finish()
    }
    outgoing.postMessage(request)
  })
}

import { delay } from '@millrace/runtime'
import { ClosedLoop } from './closed-loop.ts'
import { Connection } from './connection.ts'
import type { EncodedRequest } from './encoded-request.ts'
import type { Load, LoadResult, StretchEdge } from './load.ts'
import { OpenLoop } from './open-loop.ts'
import type { Sender } from './sender.ts'
import { Stretch } from './stretch.ts'

/** How long the last answers may take. */
const lastAnswersMsMax = 30_000
const pollMs = 5

/**
 * Sends requests over keep-alive connections until the stretch has ended and every request is answered.
 * @param requests each is sent in its turn, again from the first one when all have been
 * @throws Error when a connection breaks, or answers stay out
 */
export async function runLoad(
  load: Load,
  requests: readonly EncodedRequest[],
  onEdge: (edge: StretchEdge) => void,
): Promise<LoadResult> {
  const stretch = new Stretch(load, onEdge)
  const sender = load.rate === undefined ? new ClosedLoop(requests) : new OpenLoop(requests, load.rate)
  const failed = new AbortController()
  const connections = await Promise.all(
    Array.from({ length: load.connections }, () =>
      Connection.open({
        port: load.port,
        onAnswer: (connection, status) => sender.answered(connection, status, stretch),
        onBroken: (error) => failed.abort(error),
      }),
    ),
  )
  try {
    const sending = sender.run(connections, failed.signal)
    await delay(load.warmUpMs, failed.signal)
    stretch.begin()
    await delay(load.measureMs, failed.signal)
    stretch.end()
    sender.stop()
    await sending
    await allAnswered(sender, failed.signal)
    failed.signal.throwIfAborted()
  } finally {
    for (const connection of connections) connection.close()
  }
  return stretch.result()
}

async function allAnswered(sender: Sender, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + lastAnswersMsMax
  while (sender.open > 0) {
    signal.throwIfAborted()
    if (performance.now() > deadline) throw new Error(`${sender.open} requests are not answered`)
    await delay(pollMs)
  }
}

/** The client's process: prepares requests and sends them, as its parent says, until the parent is gone. */
import type { FromClient, ToClient } from './client-messages.ts'
import { GeneratedRequests } from './generated-requests.ts'
import { runLoad } from './run-load.ts'

const requests = new GeneratedRequests()

process.on('message', (message) => {
  void answerTo(message as ToClient)
    .catch((error: unknown): FromClient => {
      return {
        kind: 'failed',
        message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }
    })
    .then(tell)
})
process.once('disconnect', () => process.exit())

async function answerTo(message: ToClient): Promise<FromClient> {
  if (message.kind === 'prepare') {
    return { kind: 'prepared', prepared: requests.prepare(message.preparation) }
  }
  const result = await runLoad(message.load, requests.encoded, (edge) => tell({ kind: 'edge', edge }))
  return { kind: 'result', result }
}

function tell(answer: FromClient): void {
  process.send?.(answer)
}

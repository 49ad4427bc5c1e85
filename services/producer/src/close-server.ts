import type { FastifyInstance } from 'fastify'

/** How often connections that have become idle are looked for. */
const lookMs = 25

/**
 * Stops listening and lets the requests in hand finish. A connection that has its answer is closed, since its keep-alive
 * time would hold up the end; after `msMax` those that still send are cut off: nothing of theirs was accepted.
 */
export async function closeServer(server: FastifyInstance, msMax: number): Promise<void> {
  const idle = setInterval(() => {
    server.server.closeIdleConnections()
  }, lookMs)
  const late = setTimeout(() => {
    server.server.closeAllConnections()
  }, msMax)
  try {
    await server.close()
  } finally {
    clearInterval(idle)
    clearTimeout(late)
  }
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** How long browsers may remember a preflight's answer; Chromium's own limit is 2 hours. */
const preflightAgeS = 7_200

/** The header of the Fetch standard that lets scripts of every origin read an answer. */
export const allowEveryOrigin = ['access-control-allow-origin', '*'] as const

const exposedHeaders = 'x-millrace-receipt, x-plausible-dropped, retry-after'

/**
 * Lets scripts of every origin send and read the answers: each answer gets the same two headers, and OPTIONS of any path
 * is taken for a preflight (Fetch standard, 3.3), with or without its headers. The events need no credentials, so there is no
 * origin to tell from another, and a general plugin's choice between origins at every request is not needed.
 */
export function openToEveryOrigin(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.header(...allowEveryOrigin).header('access-control-expose-headers', exposedHeaders)
    if (request.raw.method === 'OPTIONS') answerPreflight(request, reply)
    else done()
  })
  // The hook has answered before this is asked; without the route, the paths would count as unmatched.
  server.options('*', (_request, reply) => reply.send())
}

function answerPreflight(request: FastifyRequest, reply: FastifyReply): void {
  const wanted = request.headers['access-control-request-headers']
  if (wanted !== undefined) reply.header('access-control-allow-headers', wanted)
  reply
    .code(204)
    .headers({
      'access-control-allow-methods': 'GET, HEAD, POST, OPTIONS',
      'access-control-max-age': String(preflightAgeS),
      vary: 'Access-Control-Request-Headers',
      // Safari waits for a body without it.
      'content-length': '0',
    })
    .send()
}

import { createHash, timingSafeEqual } from 'node:crypto'
import type { OpenedIntake } from '@millrace/intake'
import { problem } from './answers.ts'
import type { QueryRoute } from './query-route.ts'

/**
 * Shows whom the producer takes the sender of a request to be: each hop of the forwarding headers, which are
 * trusted, the address chosen and its place. Only with a token of the operator's own: behind a proxy every visitor comes
 * from a trusted address, so the address alone must not open it. One at a time: an answer reads the place data from disk.
 * @param token undefined: there is no such route
 */
export function selfTestRoutes(
  token: string | undefined,
  explain: OpenedIntake['explain'],
): readonly QueryRoute[] {
  if (token === undefined) return []
  const wanted = digest(`Bearer ${token}`)
  let isBusy = false
  const answer: QueryRoute['answer'] = async (request) => {
    const { authorization } = request.headers
    const given = typeof authorization === 'string' ? authorization : ''
    if (!timingSafeEqual(digest(given), wanted)) return refused
    if (isBusy) return busy
    isBusy = true
    try {
      const body = JSON.stringify(await explain(request), undefined, 2)
      return { status: 200, contentType: 'application/json; charset=utf-8', body, headers: notCached }
    } finally {
      isBusy = false
    }
  }
  return [{ path: '/api/self-test', methods: ['GET'], tag: 'operating', answer, document }]
}

const notCached = { 'cache-control': 'no-store' }
const refused = problem(
  401,
  { code: 'SELF_TEST_TOKEN', message: 'Send the token of SELF_TEST_TOKEN as Authorization: Bearer.' },
  { 'www-authenticate': 'Bearer', ...notCached },
)
const busy = problem(
  429,
  { code: 'SELF_TEST_BUSY', message: 'A self-test is under way. Ask again.' },
  { 'retry-after': '1', ...notCached },
)

/** Of equal length whatever is given, as the comparison needs it. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const document: QueryRoute['document'] = {
  summary:
    'Who the producer takes the sender of this request to be, and why; with SELF_TEST_TOKEN set, and sent.',
  bodies: [],
  examples: {},
  answers: {
    200: 'The peer, each hop of the forwarding headers, the address chosen and its place.',
    401: 'No token, or a wrong one.',
    429: 'Another self-test is under way.',
  },
}

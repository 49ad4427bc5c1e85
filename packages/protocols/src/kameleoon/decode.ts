import type { DecodeContext } from '../decode-context.ts'
import type { Decoded, DecodedEvent, WireAnswer } from '../decoded.ts'
import { headerText, type WireRequest } from '../wire-request.ts'
import { readPieces } from './pieces.ts'
import { pieceReader } from './piece-reader.ts'
import { readQuery } from './query.ts'
import { refusal } from './refusal.ts'

/** The documented 3 MB. */
export const kameleoonBodyBytesMax = 3 * 1024 * 1024

/**
 * `POST /visit/events`: the events of one or more visitors. Never throws. The URL decides about the request as a whole; what
 * is wrong in the body makes the piece a dead letter, since the protocol answers before it looks at the body.
 */
export function decodeKameleoon(request: WireRequest, context: DecodeContext): Decoded {
  const query = readQuery(request.query)
  if ('problem' in query) return { ok: false, ...refusal(400, `Malformed URL query: ${query.problem}.`) }
  const site = context.keys.kameleoonSite(query.siteCode)
  if (site === undefined) return { ok: false, ...refusal(401, 'The siteCode is not known here.') }
  // A server's own user agent says nothing of its visitors; the site's rule decides about each of those.
  const userAgent = headerText(request, 'user-agent')
  const hasBodyUserAgents = query.hasBodyUserAgents || userAgent === documentedAgent
  if (!hasBodyUserAgents && context.isBot(userAgent)) {
    return { ok: false, ...refusal(403, 'Forbidden user agent.') }
  }
  if (request.body.length > kameleoonBodyBytesMax) return { ok: false, ...tooLarge }
  const pieces = readPieces(request.body, query.isJson)
  if (pieces === undefined) return { ok: false, ...tooLarge }
  const read = pieceReader({ ...query, hasBodyUserAgents }, site)
  const events = pieces.map((piece): DecodedEvent => ({ ...read(piece), sites: [site.domain] }))
  const answer = query.isFromEngine ? noContent : accepted
  return { ok: true, events, accepted: () => answer }
}

/** The document's default for the required header: no visitor's, and not to be refused. */
const documentedAgent = 'kameleoon-docs'

const tooLarge = refusal(413, 'The body is too large.')
const accepted: WireAnswer = { status: 202, contentType: 'text/plain; charset=utf-8', body: '' }
const noContent: WireAnswer = { ...accepted, status: 204 }

import { isIP } from 'node:net'
import * as z from 'zod'
import { capturedHeadersSchema, headersOf } from './captured-headers.ts'
import type { EventRoute } from './event-routes.ts'
import type { ReceivedRequest } from './intake.ts'
import { readReceivedAt } from './received-at.ts'
import { routePath } from './route-path.ts'

/** Why a line is no captured request. */
export type CaptureProblem = 'not_json' | 'bad_field' | 'bad_time' | 'unknown_route' | 'body_too_large'

export type CapturedRequest =
  | {
      readonly ok: true
      readonly route: EventRoute
      readonly request: ReceivedRequest
      /** Unix milliseconds. */
      readonly receivedAt: number
    }
  | { readonly ok: false; readonly cause: CaptureProblem; readonly message: string }

export interface CaptureRules {
  readonly routes: readonly EventRoute[]
  readonly bodyBytesMax: number
  /** Unix milliseconds; what was received later is refused. */
  readonly now: number
}

/** What was written down of a request. Fields that it does not name are ignored. */
const capturedSchema = z
  .object({
    received_at: z.unknown().optional(),
    method: z.string(),
    /** With the query; no host. */
    path: z.string().startsWith('/'),
    headers: capturedHeadersSchema.default({}),
    /** Text; an object is what its JSON text would be. */
    body: z.union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())]).nullish(),
    /** Instead of `body`, for bytes that are no UTF-8. */
    body_base64: z.base64().nullish(),
    /** Of the socket's other end; forwarding headers are believed from trusted proxies only, as for live requests. */
    ip: z.string().refine((ip) => isIP(ip) !== 0, 'expected an IP address'),
  })
  .refine(({ body, body_base64 }) => isAbsent(body) || isAbsent(body_base64), {
    path: ['body_base64'],
    message: 'expected body or body_base64, not both',
  })

/**
 * Reads one line of captured requests: a JSON object with `received_at`, `method`, `path`, `headers`, `body` (or
 * `body_base64`) and `ip`. Pure: the same line and rules give the same result.
 */
export function readCapturedRequest(line: Buffer, rules: CaptureRules): CapturedRequest {
  const json = parsed(line)
  if (json === undefined) return refused('not_json', 'expected a JSON object in UTF-8')
  const given = capturedSchema.safeParse(json)
  if (!given.success) return refused('bad_field', describeIssues(given.error.issues))
  const { received_at, method, path, headers, ip } = given.data
  const receivedAt = readReceivedAt(received_at, rules.now)
  if ('problem' in receivedAt) return refused('bad_time', `received_at: ${receivedAt.problem}`)
  const mark = path.indexOf('?')
  const pathname = routePath(mark === -1 ? path : path.slice(0, mark))
  const route = rules.routes.find(
    (known) => known.path === pathname && known.methods.some((taken) => taken === method.toUpperCase()),
  )
  if (route === undefined)
    return refused('unknown_route', `nothing takes ${method} ${pathname.slice(0, 200)}`)
  const body = bodyOf(given.data)
  if (body.length > rules.bodyBytesMax) {
    return refused('body_too_large', `a body may have ${String(rules.bodyBytesMax)} bytes`)
  }
  const query = mark === -1 ? '' : path.slice(mark + 1)
  const request = { method: method.toUpperCase(), query, headers: headersOf(headers), body, peer: ip }
  return { ok: true, route, request, receivedAt: receivedAt.at }
}

function refused(cause: CaptureProblem, message: string): CapturedRequest {
  return { ok: false, cause, message }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** @returns undefined when the bytes are not the JSON of an object */
function parsed(line: Buffer): object | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(line))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function bodyOf({ body, body_base64 }: z.infer<typeof capturedSchema>): Buffer {
  if (typeof body_base64 === 'string') return Buffer.from(body_base64, 'base64')
  if (isAbsent(body)) return Buffer.alloc(0)
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined
}

function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
}

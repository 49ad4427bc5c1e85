import type { WireRequest } from './wire-request.ts'

/** A POST with a JSON text body, as the browser script sends it; a string or bytes are sent as they are. */
export function aWireRequest(
  body: unknown,
  options: { readonly contentType?: string | undefined; readonly headers?: WireRequest['headers'] } = {},
): WireRequest {
  const { contentType = 'text/plain', headers = {} } = options
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return {
    method: 'POST',
    query: '',
    headers: { 'content-type': contentType, ...headers },
    body: Buffer.isBuffer(body) ? body : Buffer.from(text),
  }
}

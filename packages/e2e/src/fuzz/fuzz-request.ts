/** One HTTP request as it goes over the wire, before its length is known. */
export interface FuzzRequest {
  readonly method: string
  readonly path: string
  /** Without `?`; empty for none. */
  readonly query: string
  /** In order, repeats stay. No length: it is added when sent. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Latin-1 in the head, bytes as they are in the body. */
  readonly body: Buffer
}

/** @param chunkBytes undefined: with Content-Length; else in chunks of that size */
export function wireBytes(request: FuzzRequest, chunkBytes?: number): Buffer {
  const { method, path, query, headers, body } = request
  const target = query === '' ? path : `${path}?${query}`
  const framing =
    chunkBytes === undefined ? `content-length: ${String(body.length)}` : 'transfer-encoding: chunked'
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'host: fuzz.example',
    ...headers.map(([name, value]) => `${name}: ${value}`),
    framing,
  ]
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  return Buffer.concat([head, ...(chunkBytes === undefined ? [body] : chunked(body, chunkBytes))])
}

function chunked(body: Buffer, chunkBytes: number): Buffer[] {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; at += chunkBytes) {
    const piece = body.subarray(at, at + chunkBytes)
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'))
  }
  return [...parts, Buffer.from('0\r\n\r\n')]
}

import { Traffic, type TrafficRequest } from '@millrace/traffic'
import type { Preparation, Prepared } from './client-messages.ts'
import type { EncodedRequest } from './encoded-request.ts'

/** Generated traffic as bytes: encoded before the load begins, so that sending costs as little as it can. */
export class GeneratedRequests {
  #traffic: Traffic | undefined
  #encoded: readonly EncodedRequest[] = []

  /** The requests that were prepared last. */
  get encoded(): readonly EncodedRequest[] {
    return this.#encoded
  }

  prepare({ traffic: options, requests }: Preparation): Prepared {
    if (options !== undefined) this.#traffic = new Traffic(options)
    const traffic = this.#traffic
    if (traffic === undefined) throw new Error('no traffic goes on yet')
    const encoded: EncodedRequest[] = []
    while (encoded.length < requests) {
      const request = traffic.next()
      encoded.push({ bytes: encodeRequest(request), events: request.events })
    }
    this.#encoded = encoded
    return {
      requests,
      events: encoded.reduce((sum, { events }) => sum + events, 0),
      bytes: encoded.reduce((sum, { bytes }) => sum + bytes.length, 0),
    }
  }
}

/** As HTTP/1.1 over a connection that stays open. */
export function encodeRequest({ method, path, headers, body }: TrafficRequest): Buffer {
  const length = method === 'GET' ? [] : [`content-length: ${Buffer.byteLength(body)}`]
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const head = [`${method} ${path} HTTP/1.1`, 'host: 127.0.0.1', ...lines, ...length].join('\r\n')
  return Buffer.from(`${head}\r\n\r\n${body}`)
}

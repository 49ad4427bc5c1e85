import type { RequestHeaders } from '@millrace/enrichment'
import * as z from 'zod'

/** Of a repeated one of these Node keeps the first and joins all others (its `http` documentation, `message.headers`). */
const keptOnce = new Set(
  (
    'age authorization content-length content-type etag expires from host if-modified-since if-unmodified-since ' +
    'last-modified location max-forwards proxy-authorization referer retry-after server user-agent'
  ).split(' '),
)

const one = z.union([z.string(), z.number().transform(String)])
/** Header name in any case to its value, or to the values of its repeats. */
export const capturedHeadersSchema = z.record(z.string(), z.union([one, z.array(one)]))

/** Headers as Node would have given them: names in lower case, repeats joined or cut to the first. */
export function headersOf(given: z.infer<typeof capturedHeadersSchema>): RequestHeaders {
  const headers = new Map<string, string>()
  for (const [name, value] of Object.entries(given)) {
    const key = name.toLowerCase()
    for (const text of typeof value === 'string' ? [value] : value) {
      const before = headers.get(key)
      if (before === undefined) headers.set(key, text)
      else if (!keptOnce.has(key)) headers.set(key, `${before}${key === 'cookie' ? '; ' : ', '}${text}`)
    }
  }
  return Object.fromEntries(headers)
}

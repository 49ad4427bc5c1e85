/** One HTTP request as decoders see it: no socket, no clock. */
export interface WireRequest {
  readonly method: string
  /** Raw, without `?`. */
  readonly query: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}

/** The header's first value, or empty text. */
export function headerText(request: WireRequest, name: string): string {
  const value = request.headers[name]
  if (typeof value === 'string') return value
  return value?.[0] ?? ''
}

/** The media type in lower case without parameters, such as `application/json`; empty when none is given. */
export function mediaType(request: WireRequest): string {
  const given = headerText(request, 'content-type')
  const end = given.indexOf(';')
  return (end === -1 ? given : given.slice(0, end)).trim().toLowerCase()
}

/** @param type as `mediaType` gives it */
export function isJsonType(type: string): boolean {
  return type === 'application/json' || (type.startsWith('application/') && type.endsWith('+json'))
}

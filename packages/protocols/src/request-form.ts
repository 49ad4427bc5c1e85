import { readUrlEncoded, type FormField } from './form-body.ts'
import { multipartBoundary, readMultipart } from './multipart-body.ts'
import { headerText, mediaType, type WireRequest } from './wire-request.ts'

/** The body's fields: multipart where its type says so, else urlencoded. Undefined when it is no whole form, or above a limit. */
export function readForm(request: WireRequest): FormField[] | undefined {
  if (!isMultipart(request)) return readUrlEncoded(request.body.toString('utf8'))
  const boundary = multipartBoundary(headerText(request, 'content-type'))
  return boundary === undefined ? undefined : readMultipart(request.body, boundary)
}

export function isMultipart(request: WireRequest): boolean {
  return mediaType(request) === 'multipart/form-data'
}

import { formFieldsMax, type FormField } from './form-body.ts'

const headerBytesMax = 8_192
const nameLengthMax = 1_000

const crlf = '\r\n'

/** The boundary parameter of a `multipart/form-data` content type; undefined without a valid one. */
export function multipartBoundary(contentType: string): string | undefined {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;",]{1,70}))/i.exec(contentType) ?? []
  return quoted ?? plain
}

/**
 * The text fields of a `multipart/form-data` body (RFC 7578), in order; files are skipped.
 * Undefined when the body is cut short or malformed, or a part's head or the number of parts is above its limit.
 */
export function readMultipart(body: Buffer, boundary: string): FormField[] | undefined {
  const delimiter = Buffer.from(`${crlf}--${boundary}`)
  const fields: FormField[] = []
  let at = firstDelimiterEnd(body, delimiter)
  for (let parts = 0; at !== undefined && parts <= formFieldsMax; parts++) {
    if (body.toString('latin1', at, at + 2) === '--') return fields
    const part = readPart(body, at, delimiter)
    if (part === undefined) return undefined
    if (part.field !== undefined) fields.push(part.field)
    at = part.end
  }
  return undefined
}

/** The first delimiter may open the body, without a line break before it. */
function firstDelimiterEnd(body: Buffer, delimiter: Buffer): number | undefined {
  const opening = delimiter.subarray(crlf.length)
  if (body.subarray(0, opening.length).equals(opening)) return opening.length
  const found = body.indexOf(delimiter)
  return found === -1 ? undefined : found + delimiter.length
}

interface Part {
  readonly field: FormField | undefined
  /** Just after the delimiter that closes the part. */
  readonly end: number
}

function readPart(body: Buffer, start: number, delimiter: Buffer): Part | undefined {
  // RFC 2046 allows blanks between a delimiter and its line break.
  let head = start
  while (body[head] === 0x20 || body[head] === 0x09) head++
  const window = body.subarray(head, head + headerBytesMax)
  const headLength = window.indexOf(crlf + crlf)
  if (headLength === -1 || !window.subarray(0, 2).equals(Buffer.from(crlf))) return undefined
  const content = head + headLength + 2 * crlf.length
  // An empty part's delimiter begins with the line break that ends the part's head.
  const close = body.indexOf(delimiter, content - crlf.length)
  if (close === -1) return undefined
  const name = fieldName(window.toString('utf8', 0, headLength))
  return {
    field: name === undefined ? undefined : [name, body.toString('utf8', content, Math.max(content, close))],
    end: close + delimiter.length,
  }
}

/** The name in `Content-Disposition: form-data; name="n"`; undefined for a file or a part without a name. */
function fieldName(head: string): string | undefined {
  const disposition = /^content-disposition:[ \t]*form-data[ \t]*(;.*)$/im.exec(head)?.[1]
  if (disposition === undefined || /;[ \t]*filename\*?=/i.test(disposition)) return undefined
  const [, quoted, plain] = /;[ \t]*name=(?:"([^"]*)"|([^\s;"]+))/i.exec(disposition) ?? []
  const name = quoted ?? plain
  return name === undefined || name.length > nameLengthMax ? undefined : name
}

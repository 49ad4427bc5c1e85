/** Reads the text fields of a multipart/form-data body; @clickhouse/client sends long parameters that way. */
import { EngineError } from './engine-error.ts'

/** The boundary of a multipart/form-data content type, undefined for any other type. */
export function multipartBoundary(contentType: string | undefined): string | undefined {
  const match = /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(
    contentType ?? '',
  )
  return match?.[1] ?? match?.[2]
}

/** @throws EngineError when the body is not what its boundary promises, or carries a file */
export function multipartFields(body: Buffer, boundary: string): Map<string, string> {
  const parts = `\r\n${body.toString('latin1')}`.split(`\r\n--${boundary}`)
  if (parts.length < 2 || !parts.at(-1)?.startsWith('--')) throw broken('no end')
  const fields = new Map<string, string>()
  for (const part of parts.slice(1, -1)) {
    const end = part.indexOf('\r\n\r\n')
    const head = part.slice(0, end)
    const name = /content-disposition:[^\r\n]*;\s*name="([^"]*)"/i.exec(head)?.[1]
    if (end === -1 || name === undefined) throw broken('a part without a name')
    if (/;\s*filename=/i.test(head))
      throw new EngineError(48, 'NOT_IMPLEMENTED', 'External tables are not supported')
    fields.set(name, Buffer.from(part.slice(end + 4), 'latin1').toString())
  }
  return fields
}

function broken(what: string): EngineError {
  return new EngineError(36, 'BAD_ARGUMENTS', `The multipart body is broken: ${what}`, 400)
}

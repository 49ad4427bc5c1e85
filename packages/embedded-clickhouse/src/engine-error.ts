/** Errors as ClickHouse words them, with the HTTP status its server gives for each code. */
export class EngineError extends Error {
  override readonly name: string = 'EngineError'
  /** ClickHouse's number, as in its function `errorCodeToName`. */
  readonly code: number
  readonly status: number

  constructor(code: number, errorName: string, detail: string, status = httpStatusOf(code)) {
    super(`Code: ${code}. DB::Exception: ${detail} (${errorName})`)
    this.code = code
    this.status = status
  }
}

const prefix = /^\s*Code: (\d+)\. DB::Exception: /

/** Reads what the engine threw: `Code: N. DB::Exception: ... (NAME)`, its start and its end sometimes doubled. */
export function engineErrorFrom(thrown: unknown): EngineError {
  if (thrown instanceof EngineError) return thrown
  let text = thrown instanceof Error ? thrown.message : String(thrown)
  let code: number | undefined
  for (let match = prefix.exec(text); match !== null; match = prefix.exec(text)) {
    code = Number(match[1])
    text = text.slice(match[0].length)
  }
  const ending = /\(([A-Z][A-Z0-9_]*)\)\s*$/.exec(text)
  if (code === undefined || ending === null) return new EngineError(1001, 'STD_EXCEPTION', text.trim())
  const [end, name = ''] = ending
  const detail = text.slice(0, -end.length).trimEnd()
  const inner = ` (${name}) (version `
  const at = detail.lastIndexOf(inner)
  return new EngineError(code, name, at === -1 ? detail : detail.slice(0, at))
}

/** As the server answers, except 202 (too many queries), which is 503 here so that clients try again. */
export function httpStatusOf(code: number): number {
  if (badRequest.has(code)) return 400
  if (notFound.has(code)) return 404
  return otherStatus.get(code) ?? 500
}

/** What cannot be parsed, or is of the wrong type or shape. */
const badRequest = new Set([
  6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 42, 43, 44, 53, 62, 72, 117, 123, 167, 168, 211, 223, 321, 376, 427,
  441, 675, 676,
])

/** What is not there: functions, identifiers, types, tables, formats, databases, settings. */
const notFound = new Set([46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 139, 152, 336])

const otherStatus = new Map([
  [48, 501],
  [76, 503],
  [159, 408],
  [192, 403],
  [193, 403],
  [194, 401],
  [202, 503],
  [209, 503],
  [229, 413],
  [381, 411],
  [439, 503],
  [497, 403],
  [512, 403],
  [516, 403],
])

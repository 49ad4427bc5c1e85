/** The headers of ClickHouse's HTTP answers. */
import type { StatementFigures } from './executor.ts'

/** What the engine says of itself, asked once at its start. */
export interface ServerFacts {
  readonly version: string
  readonly timezone: string
  /** Lower-case names of output formats with their spelling. */
  readonly formats: ReadonlyMap<string, string>
  /** Lower-case. */
  readonly tableFunctions: ReadonlySet<string>
}

export const displayName = 'millrace-embedded'

/** On every answer to a query, errors included. */
export function commonHeaders(queryId: string, facts: ServerFacts): Record<string, string> {
  return {
    'x-clickhouse-query-id': queryId,
    'x-clickhouse-server-display-name': displayName,
    'x-clickhouse-timezone': facts.timezone,
  }
}

/** On rows. @param figures undefined when rows are sent before the end is known; the summary is zeros then */
export function resultHeaders(format: string, figures: StatementFigures | undefined): Record<string, string> {
  return {
    'content-type': contentType(format),
    'x-clickhouse-format': format,
    'x-clickhouse-summary': summary(figures),
  }
}

/**
 * All values as text, as the server sends them. The engine does not say how many rows it read from tables: for a
 * query `read_rows` and `read_bytes` are those of the result.
 */
export function summary(figures: StatementFigures | undefined): string {
  const {
    resultRows = 0,
    resultBytes = 0,
    writtenRows = 0,
    writtenBytes = 0,
    elapsedSeconds = 0,
  } = figures ?? {}
  return JSON.stringify({
    read_rows: String(Math.max(resultRows, writtenRows)),
    read_bytes: String(Math.max(resultBytes, writtenBytes)),
    written_rows: String(writtenRows),
    written_bytes: String(writtenBytes),
    total_rows_to_read: '0',
    result_rows: String(resultRows),
    result_bytes: String(resultBytes),
    elapsed_ns: String(Math.round(elapsedSeconds * 1e9)),
  })
}

export function contentType(format: string): string {
  if (/^(?:PrettyJSON|PrettyND)/.test(format)) return 'application/json; charset=UTF-8'
  if (/^(?:JSONL|NDJSON)|^JSON\w*EachRow/.test(format)) return 'application/x-ndjson; charset=UTF-8'
  if (format.startsWith('JSON')) return 'application/json; charset=UTF-8'
  if (format.startsWith('CSV')) {
    return `text/csv; charset=UTF-8; header=${format.includes('WithNames') ? 'present' : 'absent'}`
  }
  if (/^(?:TSV|TabSeparated)/.test(format)) return 'text/tab-separated-values; charset=UTF-8'
  if (format === 'XML') return 'application/xml; charset=UTF-8'
  if (textFormat.test(format)) return 'text/plain; charset=UTF-8'
  return 'application/octet-stream'
}

const textFormat =
  /^(?:Pretty|Vertical|Values|TSKV|Markdown|MD|SQLInsert|Prometheus|Raw(?!BLOB)|CustomSeparated|LineAsString)/

/** Runs statements on the engine: settings that end with the statement, data from files, rows into pipes. */
import type { EngineUser } from './engine-options.ts'
import type { Engine, EngineConnection } from './native-engine.ts'
import type { OpenPipe, ResultPipe } from './result-pipes.ts'
import { mayReadonlySet, settingRefused } from './readonly-rules.ts'

/** The circumstances a statement runs in. */
export interface StatementContext {
  readonly user: EngineUser
  readonly database: string | undefined
  readonly settings: Readonly<Record<string, string>>
  /** As they came in the URL: escaped as in TabSeparated, which is what the engine wants. */
  readonly params: Readonly<Record<string, string>>
  /** Marks the statement among those that run; it becomes `log_comment` unless that is set. */
  readonly mark: string
  /** GET requests may not write, as with a ClickHouse server. */
  readonly mayWrite: boolean
}

export interface StatementFigures {
  readonly resultRows: number
  readonly resultBytes: number
  readonly writtenRows: number
  readonly writtenBytes: number
  readonly elapsedSeconds: number
}

/** Settings that differ from the engine's own defaults for every statement; a request may set them otherwise. */
export interface Defaults {
  readonly queryMemoryBytesMax: number
  readonly sqlBytesMax: number
}

/**
 * The statements that go before, on the same connection. `readonly` comes last: nothing after it may be set.
 * @throws EngineError 164 when a read-only user sets what is not for such users
 */
export function preamble(context: StatementContext, defaults: Defaults): string {
  const { user, settings, params } = context
  if (user.readonly) {
    const refused = Object.keys(settings).find((name) => !mayReadonlySet(name))
    if (refused !== undefined) throw settingRefused(refused)
  }
  const all: Record<string, string> = {
    implicit_select: '0',
    async_insert: '0',
    log_comment: context.mark,
    max_memory_usage: String(defaults.queryMemoryBytesMax),
    max_query_size: String(defaults.sqlBytesMax),
    ...settings,
  }
  const statements = [setStatement(Object.entries(all).filter(([name]) => name !== 'readonly'))]
  const named = Object.entries(params).map(([name, value]) => [`param_${name}`, value] as const)
  if (named.length > 0) statements.push(setStatement(named))
  if (context.database !== undefined) statements.push(`USE ${quotedName(context.database)}; `)
  if (user.readonly) statements.push(setStatement([['readonly', '1']]))
  else if (!context.mayWrite) statements.push(setStatement([['readonly', '2']]))
  else if (settings['readonly'] !== undefined)
    statements.push(setStatement([['readonly', settings['readonly']]]))
  return statements.join('')
}

function setStatement(values: readonly (readonly [string, string])[]): string {
  return `SET ${values.map(([name, value]) => `${name} = ${quotedText(value)}`).join(', ')}; `
}

export function quotedText(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`
}

function quotedName(name: string): string {
  return `\`${name.replaceAll(/[\\`]/g, '\\$&')}\``
}

/** A result under way: read `pipe.rows` to its end, then `figures` says whether they were all. */
export interface RunningResult {
  readonly pipe: OpenPipe
  /** @throws EngineError (rejects) when the statement failed, perhaps after some rows */
  readonly figures: Promise<StatementFigures>
}

export function runResult(connection: EngineConnection, sql: string, pipe: ResultPipe): RunningResult {
  const open = pipe.open()
  const figures = runCommand(connection, sql, 'TabSeparated').then(({ figures }) => figures)
  const finish = () => {
    open.finish()
  }
  figures.then(finish, finish)
  return { pipe: open, figures }
}

/** @throws EngineError (rejects) */
export async function runCommand(
  connection: EngineConnection,
  sql: string,
  format: string,
): Promise<{ readonly printed: Uint8Array; readonly figures: StatementFigures }> {
  const { bytes, elapsed, rowsRead, bytesRead } = await connection.query(sql, format)
  const figures = { ...nothing, resultRows: rowsRead, resultBytes: bytesRead, elapsedSeconds: elapsed }
  return { printed: bytes, figures }
}

/** @throws EngineError (rejects): nothing, or only whole blocks, were stored */
export async function runInsert(connection: EngineConnection, sql: string): Promise<StatementFigures> {
  const { elapsed, rowsWritten, bytesWritten } = await connection.insert(sql)
  return { ...nothing, writtenRows: rowsWritten, writtenBytes: bytesWritten, elapsedSeconds: elapsed }
}

const nothing = { resultRows: 0, resultBytes: 0, writtenRows: 0, writtenBytes: 0 }

/** Ends the statement with that mark, if it still runs; the engine looks at it between blocks. */
export async function cancelMarked(engine: Engine, mark: string): Promise<void> {
  const connection = engine.connect()
  try {
    await connection.query(`KILL QUERY WHERE Settings['log_comment'] = ${quotedText(mark)} ASYNC`, 'Null')
  } finally {
    connection.close()
  }
}

/** Runs statements on a connection: rows into pipes, data from files, and an end for those nobody waits for. */
import type { Engine, EngineConnection } from './native-engine.ts'
import { quotedText } from './preamble.ts'
import type { OpenPipe, ResultPipe } from './result-pipes.ts'

export interface StatementFigures {
  readonly resultRows: number
  readonly resultBytes: number
  readonly writtenRows: number
  readonly writtenBytes: number
  readonly elapsedSeconds: number
}

/** A result under way: read `pipe.rows` to its end, then `figures` says whether they were all. */
export interface RunningResult {
  readonly pipe: OpenPipe
  /** @throws EngineError (rejects) when the statement failed, perhaps after some rows */
  readonly figures: Promise<StatementFigures>
}

/** @param sql writes its rows into the pipe */
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

/** How long until a statement is told to end again, if it had not yet begun the first time. */
const cancelEveryMs = 500

/** Ends the marked statement when `gone` aborts, telling it until it has ended. */
export function cancelWhenGone(
  engine: Engine,
  mark: string,
  options: { readonly gone: AbortSignal; readonly ended: Promise<unknown> },
): void {
  let repeat: NodeJS.Timeout | undefined
  const cancel = () => {
    cancelMarked(engine, mark).catch(() => undefined)
  }
  const begin = () => {
    cancel()
    repeat = setInterval(cancel, cancelEveryMs)
  }
  const stop = () => {
    clearInterval(repeat)
    options.gone.removeEventListener('abort', begin)
  }
  if (options.gone.aborted) begin()
  else options.gone.addEventListener('abort', begin, { once: true })
  options.ended.then(stop, stop)
}

/** The engine looks at the request to end between blocks. */
async function cancelMarked(engine: Engine, mark: string): Promise<void> {
  const connection = engine.connect()
  try {
    await connection.query(`KILL QUERY WHERE Settings['log_comment'] = ${quotedText(mark)} ASYNC`, 'Null')
  } finally {
    connection.close()
  }
}

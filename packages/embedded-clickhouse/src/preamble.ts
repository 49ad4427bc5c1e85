/** What is said to the engine before a statement: settings, parameters, database, and what the user may do. */
import { EngineError } from './engine-error.ts'
import type { EngineLimits } from './engine-options.ts'
import { mayReadonlySet, settingRefused } from './readonly-rules.ts'

/** The circumstances a statement runs in. */
export interface StatementContext {
  readonly isReadonly: boolean
  /** GET requests may not write, as with a ClickHouse server. */
  readonly mayWrite: boolean
  readonly database: string | undefined
  readonly settings: Readonly<Record<string, string>>
  /** As they came in the URL: escaped as in TabSeparated, which is what the engine wants. */
  readonly params: Readonly<Record<string, string>>
  /** Marks the statement among those that run: becomes its `log_comment`. */
  readonly mark: string
}

/** Settings that differ from the engine's own defaults for every statement; a request may set them otherwise. */
export function defaultSettings(limits: EngineLimits): Readonly<Record<string, string>> {
  return {
    // The engine takes `1+1` for a query; a server does not.
    implicit_select: '0',
    // An insert is stored when it is answered, in the order its client sent it.
    async_insert: '0',
    max_memory_usage: String(limits.queryMemoryBytesMax),
    max_query_size: String(limits.sqlBytesMax * 2),
  }
}

/** What analysts get beside: `SELECT *` shows the alias columns too, as anyone who looks at a table expects. */
const readonlyDefaults: [string, string][] = [['asterisk_include_alias_columns', '1']]

/**
 * For a connection of its own. `readonly` comes last: nothing can be set after it.
 * @throws EngineError 164 when a read-only user sets what is not for such users
 */
export function preamble(context: StatementContext, defaults: Readonly<Record<string, string>>): string {
  const { isReadonly, mayWrite, settings } = context
  const level = isReadonly ? '1' : mayWrite ? settings.readonly : '2'
  const end = level === undefined ? '' : setStatement([['readonly', level]])
  const given = [...Object.entries(defaults), ...(isReadonly ? readonlyDefaults : [])]
  return setStatement(given) + sessionPreamble(context) + end
}

/** For a session's connection, whose defaults are set: what this request adds. */
export function sessionPreamble(context: StatementContext): string {
  const { isReadonly, settings, params, database, mark } = context
  const refused = isReadonly ? Object.keys(settings).find((name) => !mayReadonlySet(name)) : undefined
  if (refused !== undefined) throw settingRefused(refused)
  const values = Object.entries({ log_comment: mark, ...settings }).filter(([name]) => name !== 'readonly')
  const named = Object.entries(params).map(([name, value]) => [`param_${name}`, value] as const)
  const use = database === undefined ? '' : `USE ${quotedName(database)}; `
  return setStatement(values) + (named.length === 0 ? '' : setStatement(named)) + use
}

/** Takes back, on a session's connection, what the request added. */
export function sessionReset(context: StatementContext, defaults: Readonly<Record<string, string>>): string {
  const names = Object.keys(context.settings).filter((name) => name !== 'readonly')
  const back = names.map((name) => {
    const value = defaults[name]
    return `${name} = ${value === undefined ? 'DEFAULT' : quotedText(value)}`
  })
  return back.length === 0 ? '' : `SET ${back.join(', ')}`
}

/** @throws EngineError 164: within a session GET may only ask, since `readonly` would stay with its connection */
export function refuseWriteInSession(context: StatementContext, kind: string): void {
  if (context.mayWrite || kind === 'result') return
  throw new EngineError(164, 'READONLY', 'Cannot execute query in readonly mode. Use POST to modify data.')
}

export function setStatement(values: readonly (readonly [string, string])[]): string {
  return `SET ${values.map(([name, value]) => `${name} = ${quotedText(value)}`).join(', ')}; `
}

export function quotedText(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`
}

function quotedName(name: string): string {
  return `\`${name.replaceAll(/[\\`]/g, '\\$&')}\``
}

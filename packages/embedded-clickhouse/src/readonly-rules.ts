/**
 * What a read-only user may ask, beyond what the engine's own `readonly=1` refuses. The engine runs as a local process
 * and would let such a user read the process's files through functions, describe remote sources and kill queries.
 */
import { EngineError } from './engine-error.ts'
import { isSymbol, isWord, type Statement } from './statement.ts'
import type { Token } from './sql-tokens.ts'

/** @throws EngineError 164 or 497, before anything runs */
export function refuseUnlessReadonly(
  statement: Statement,
  options: {
    readonly tableFunctions: ReadonlySet<string>
    readonly params: Readonly<Record<string, string>>
  },
): void {
  if (statement.kind !== 'result') throw cannotExecute()
  const { tokens } = statement
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'word' && token.kind !== 'quoted') continue
    if (token.kind === 'quoted' && token.end - token.start !== token.text.length + 2) {
      throw accessDenied('a quoted name with an escape in it')
    }
    const name = token.text.toLowerCase()
    const isCalled = isSymbol(tokens[index + 1], '(')
    if (isCalled && options.tableFunctions.has(name) && !allowedTableFunctions.has(name))
      throw accessDenied(name)
    if (deniedFunctions.has(name) && !isSymbol(tokens[index - 1], '.')) throw accessDenied(name)
  }
  refuseIdentifierParams(tokens, options.params)
}

/** A parameter of type Identifier could name a function that the text does not. */
function refuseIdentifierParams(tokens: readonly Token[], params: Readonly<Record<string, string>>): void {
  if (!tokens.some((token) => isWord(token, 'IDENTIFIER'))) return
  const isSafe = (value: string) => !value.includes('\\') && !deniedFunctions.has(value.toLowerCase())
  if (!Object.values(params).every(isSafe)) throw accessDenied('a parameter that names a function')
}

/** Table functions that touch nothing but memory and the engine's own tables. */
const allowedTableFunctions = new Set([
  'numbers',
  'numbers_mt',
  'zeros',
  'zeros_mt',
  'primes',
  'generateseries',
  'generate_series',
  'generaterandom',
  'values',
  'null',
  'merge',
  'view',
  'viewifpermitted',
  'format',
  'dictionary',
])

/** Functions that open files or connections; refused wherever the name stands, as functions can be passed by name. */
const deniedFunctions = new Set(['file', 'catboostevaluate', 'hascolumnintable'])

/** Settings a read-only user may set, in the URL only: how output looks, and tighter limits. */
export function mayReadonlySet(name: string): boolean {
  return outputSetting.test(name) || readonlySettings.has(name)
}

const outputSetting = /^output_format_(?!schema)\w+$/

const readonlySettings = new Set([
  'session_timezone',
  'date_time_output_format',
  'date_time_input_format',
  'extremes',
  'final',
  'join_use_nulls',
  'limit',
  'offset',
  'max_block_size',
  'max_execution_time',
  'max_result_bytes',
  'max_result_rows',
  'max_rows_to_read',
  'max_threads',
  'result_overflow_mode',
  'prefer_column_name_to_alias',
  'log_comment',
  'use_query_cache',
  'use_query_condition_cache',
  'group_by_use_nulls',
  'cast_keep_nullable',
  'aggregate_functions_null_for_empty',
  'any_join_distinct_right_table_keys',
  'max_bytes_before_external_group_by',
  'max_bytes_before_external_sort',
])

export function settingRefused(name: string): EngineError {
  return new EngineError(164, 'READONLY', `Cannot modify '${name}' setting in readonly mode.`)
}

function cannotExecute(): EngineError {
  return new EngineError(164, 'READONLY', 'Cannot execute query in readonly mode.')
}

function accessDenied(what: string): EngineError {
  return new EngineError(497, 'ACCESS_DENIED', `Not enough privileges: ${what} is not for read-only users.`)
}

/** What one SQL text asks for, and how it is said to the engine so that rows go to, and data comes from, a file. */
import { EngineError } from './engine-error.ts'
import { sqlTokens, UnclosedTokenError, type Token } from './sql-tokens.ts'

export type Statement =
  | ResultStatement
  | InsertStatement
  /** Anything that prints at most a few rows: DDL, SET, KILL, INSERT ... SELECT. */
  | { readonly kind: 'command'; readonly sql: string; readonly tokens: readonly Token[] }

/** Prints rows. `intoFile` says it with the rows going to a file or pipe instead. */
export interface ResultStatement {
  readonly kind: 'result'
  readonly tokens: readonly Token[]
  /** As the FORMAT clause spells it. */
  readonly format: string | undefined
  intoFile(path: string, defaultFormat: string): string
}

/** An insert whose data follows the statement, from byte `dataStart` on. `fromFile` says it with the data in a file. */
export interface InsertStatement {
  readonly kind: 'insert'
  readonly tokens: readonly Token[]
  readonly dataStart: number
  fromFile(path: string): string
}

/**
 * @param sql the bytes as latin1
 * @param isFormat whether a name is a format's, so that `ORDER BY format DESC` is not taken for a FORMAT clause
 * @throws EngineError on an empty text, several statements, INTO OUTFILE or FROM INFILE
 */
export function readStatement(sql: string, isFormat: (name: string) => boolean): Statement {
  try {
    return readTokens(sql, isFormat)
  } catch (error) {
    if (error instanceof UnclosedTokenError) throw syntaxError(error.message)
    throw error
  }
}

function readTokens(sql: string, isFormat: (name: string) => boolean): Statement {
  const source = sqlTokens(sql)
  const tokens: Token[] = []
  const top: TopToken[] = []
  let depth = 0
  let verb: string | undefined
  for (let next = source.next(); next.done !== true; next = source.next()) {
    const token = next.value
    if (isSymbol(token, ';')) break
    depth += depthChange(token)
    tokens.push(token)
    if (depth !== 0 || token.kind === 'symbol') continue
    top.push({ token, index: tokens.length - 1 })
    verb ??= verbOf(tokens)
    if (verb !== 'INSERT') continue
    const insert = insertAt(sql, tokens, top)
    if (insert !== undefined) return insert
  }
  refuseMore(source)
  verb ??= verbOf(tokens)
  if (verb === undefined) throw emptyOrSyntaxError(tokens)
  refuseFiles(top)
  if (printsRows.has(verb)) return resultStatement({ sql, tokens, top, verb, isFormat })
  return { kind: 'command', sql: textOf(sql.slice(0, tokens.at(-1)?.end)), tokens }
}

/** A token outside all parentheses. */
interface TopToken {
  readonly token: Token
  readonly index: number
}

/** The first word, behind any opening parentheses. */
function verbOf(tokens: readonly Token[]): string | undefined {
  const first = tokens.find((token) => !isSymbol(token, '('))
  return first?.kind === 'word' ? first.text.toUpperCase() : undefined
}

const printsRows = new Set([
  'SELECT',
  'WITH',
  'FROM',
  'SHOW',
  'DESCRIBE',
  'DESC',
  'EXPLAIN',
  'EXISTS',
  'CHECK',
])
/** Their SETTINGS belong to the query itself and stand before INTO OUTFILE. */
const takesSettings = new Set(['SELECT', 'WITH', 'FROM'])

function insertAt(
  sql: string,
  tokens: readonly Token[],
  top: readonly TopToken[],
): InsertStatement | undefined {
  const last = top.at(-1)?.token
  const before = top.at(-2)?.token
  if (last === undefined || before === undefined || top.length < 3) return undefined
  const isValues = isWord(last, 'VALUES') && !isWord(before, 'INTO') && !isWord(before, 'TABLE')
  const isFormat = isWord(before, 'FORMAT') && last.kind === 'word'
  if (!isValues && !isFormat) return undefined
  refuseFiles(top)
  if (tokens.some((token) => isWord(token, 'SELECT'))) {
    return isFormat ? insertFromInput({ sql, tokens, format: last, clause: before }) : undefined
  }
  const start = (top.find(({ token }) => isWord(token, 'SETTINGS'))?.token ?? (isValues ? last : before))
    .start
  const clauses = isValues
    ? `${textOf(sql.slice(start, last.start))} FORMAT Values`
    : textOf(sql.slice(start, last.end))
  return {
    kind: 'insert',
    tokens,
    dataStart: isValues ? last.end : dataStart(sql, last.end),
    fromFile: (path) => `${textOf(sql.slice(0, start))} ${fromInfile(path)} ${clauses}`,
  }
}

/**
 * `INSERT ... SELECT ... FROM input('structure') FORMAT f`, which this engine takes without storing anything:
 * said with `file` in place of `input`.
 */
function insertFromInput(of: {
  readonly sql: string
  readonly tokens: readonly Token[]
  readonly format: Token
  readonly clause: Token
}): InsertStatement | undefined {
  const { sql, tokens, format, clause } = of
  const place = tokens.findIndex((token, index) => isWord(token, 'INPUT') && isSymbol(tokens[index + 1], '('))
  const [input, bracket, next] = tokens.slice(place)
  if (place === -1 || input === undefined || bracket === undefined) return undefined
  const comma = isSymbol(next, ')') ? '' : ', '
  const head = textOf(sql.slice(0, input.start))
  const rest = textOf(sql.slice(bracket.end, clause.start))
  return {
    kind: 'insert',
    tokens,
    dataStart: dataStart(sql, format.end),
    fromFile: (path) => `${head}file('${path}', '${format.text}'${comma}${rest}`,
  }
}

function fromInfile(path: string): string {
  return `FROM INFILE '${path}' COMPRESSION 'none'`
}

/** As ClickHouse: behind the format's name, blanks and one line end. */
function dataStart(sql: string, end: number): number {
  const gap = /;?[ \t\f]*\r?\n?/y
  gap.lastIndex = end
  return end + (gap.exec(sql)?.[0].length ?? 0)
}

function resultStatement(of: {
  sql: string
  tokens: readonly Token[]
  top: readonly TopToken[]
  verb: string
  isFormat: (name: string) => boolean
}): ResultStatement {
  const { sql, tokens, top, verb } = of
  const end = tokens.at(-1)?.end ?? 0
  const format = formatClause(tokens, top, of.isFormat)
  const settings = takesSettings.has(verb)
    ? undefined
    : top.find(({ token }) => isWord(token, 'SETTINGS'))?.token
  const cut = format?.start ?? settings?.start ?? end
  const before = textOf(sql.slice(0, cut))
  const after = textOf(sql.slice(cut, end))
  return {
    kind: 'result',
    tokens,
    format: format?.name,
    intoFile: (path, defaultFormat) => {
      const clause = format === undefined ? ` FORMAT ${defaultFormat}` : ''
      return `${before} INTO OUTFILE '${path}' TRUNCATE${clause} ${after}`
    },
  }
}

/** The last FORMAT outside parentheses that names a format and ends the query or stands before SETTINGS. */
function formatClause(
  tokens: readonly Token[],
  top: readonly TopToken[],
  isFormat: (name: string) => boolean,
): { readonly start: number; readonly name: string } | undefined {
  const found = top.findLast(({ token, index }) => {
    const [name, next] = tokens.slice(index + 1)
    if (!isWord(token, 'FORMAT') || name?.kind !== 'word') return false
    return isFormat(name.text) && (next === undefined || isWord(next, 'SETTINGS'))
  })
  if (found === undefined) return undefined
  return { start: found.token.start, name: tokens[found.index + 1]?.text ?? '' }
}

function refuseMore(rest: Generator<Token, void>): void {
  for (const token of rest) {
    if (!isSymbol(token, ';')) throw syntaxError('Multi-statements are not allowed')
  }
}

function refuseFiles(top: readonly TopToken[]): void {
  for (const [place, { token }] of top.entries()) {
    const next = top[place + 1]?.token
    if (isWord(token, 'INTO') && isWord(next, 'OUTFILE')) {
      throw new EngineError(358, 'INTO_OUTFILE_NOT_ALLOWED', 'INTO OUTFILE is not allowed')
    }
    if (isWord(token, 'FROM') && isWord(next, 'INFILE')) {
      throw new EngineError(
        48,
        'NOT_IMPLEMENTED',
        'FROM INFILE is not allowed over HTTP: send the data in the body',
      )
    }
  }
}

function emptyOrSyntaxError(tokens: readonly Token[]): EngineError {
  const [first] = tokens
  if (first === undefined) return syntaxError('Empty query')
  return syntaxError(`failed at position ${first.start + 1} (${first.text})`)
}

function syntaxError(detail: string): EngineError {
  return new EngineError(62, 'SYNTAX_ERROR', `Syntax error: ${detail}`)
}

function depthChange(token: Token): number {
  if (token.kind !== 'symbol') return 0
  if ('([{'.includes(token.text)) return 1
  return ')]}'.includes(token.text) ? -1 : 0
}

export function isWord(token: Token | undefined, upperCase: string): boolean {
  return token?.kind === 'word' && token.text.toUpperCase() === upperCase
}

export function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.kind === 'symbol' && token.text === symbol
}

/** @throws EngineError when the bytes are not UTF-8 */
function textOf(latin1: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(latin1, 'latin1'))
  } catch {
    throw new EngineError(
      36,
      'BAD_ARGUMENTS',
      'The query is not UTF-8: send binary data behind INSERT ... FORMAT',
    )
  }
}

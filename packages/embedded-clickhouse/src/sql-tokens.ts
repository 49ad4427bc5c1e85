/** Splits ClickHouse SQL into tokens, one at a time, so that the data behind an INSERT is never looked at. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol'
  /** As written; of a quoted identifier, what is between the quotes, escapes undone. */
  readonly text: string
  readonly start: number
  readonly end: number
}

/** A quote or comment that is not closed. */
export class UnclosedTokenError extends Error {
  override readonly name = 'UnclosedTokenError'
}

const space = /\s+/y
const lineComment = /(?:--|#!|# )[^\n]*/y
const word = /[A-Za-z_][A-Za-z0-9_]*/y
const number = /\d[\w.]*/y
const heredoc = /\$([A-Za-z0-9_]*)\$/y

/**
 * @param sql the bytes as latin1, so that positions are byte positions
 * @throws UnclosedTokenError when a quote or a comment has no end
 */
export function* sqlTokens(sql: string): Generator<Token, void> {
  let at = 0
  const matched = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(sql)?.[0]
  }
  while (at < sql.length) {
    const skipped = matched(space) ?? matched(lineComment)
    if (skipped !== undefined) {
      at += skipped.length
      continue
    }
    if (sql.startsWith('/*', at)) {
      at = blockCommentEnd(sql, at)
      continue
    }
    const token = quotedToken(sql, at) ?? plainToken(sql, at, matched)
    yield token
    at = token.end
  }
}

function plainToken(sql: string, at: number, matched: (pattern: RegExp) => string | undefined): Token {
  const name = matched(word)
  if (name !== undefined) return { kind: 'word', text: name, start: at, end: at + name.length }
  const digits = matched(number)
  if (digits !== undefined) return { kind: 'number', text: digits, start: at, end: at + digits.length }
  return { kind: 'symbol', text: sql.charAt(at), start: at, end: at + 1 }
}

function quotedToken(sql: string, at: number): Token | undefined {
  const quote = sql.charAt(at)
  if (quote === "'" || quote === '"' || quote === '`') return backslashQuoted(sql, at, quote)
  if (sql.startsWith(curlySingle, at))
    return until(sql, at, { opening: curlySingle, ending: '\u00e2\u0080\u0099', kind: 'string' })
  if (sql.startsWith(curlyDouble, at))
    return until(sql, at, { opening: curlyDouble, ending: '\u00e2\u0080\u009d', kind: 'quoted' })
  if (quote !== '$') return undefined
  heredoc.lastIndex = at
  const tag = heredoc.exec(sql)?.[0]
  if (tag === undefined) return undefined
  return until(sql, at, { opening: tag, ending: tag, kind: 'string' })
}

/** The curly quotes, UTF-8 read as latin1; ClickHouse takes them as quotes. */
const curlySingle = '\u00e2\u0080\u0098'
const curlyDouble = '\u00e2\u0080\u009c'

function until(
  sql: string,
  start: number,
  of: { readonly opening: string; readonly ending: string; readonly kind: 'string' | 'quoted' },
): Token {
  const from = start + of.opening.length
  const found = sql.indexOf(of.ending, from)
  if (found === -1) throw new UnclosedTokenError(`unclosed ${of.opening}`)
  return { kind: of.kind, text: sql.slice(from, found), start, end: found + of.ending.length }
}

function backslashQuoted(sql: string, start: number, quote: string): Token {
  let text = ''
  for (let at = start + 1; at < sql.length; at++) {
    const character = sql.charAt(at)
    if (character === '\\') {
      at++
      text += sql.charAt(at)
    } else if (character === quote && sql.charAt(at + 1) === quote) {
      at++
      text += quote
    } else if (character === quote) {
      return { kind: quote === "'" ? 'string' : 'quoted', text, start, end: at + 1 }
    } else {
      text += character
    }
  }
  throw new UnclosedTokenError(`unclosed ${quote}`)
}

/** ClickHouse's block comments nest. */
function blockCommentEnd(sql: string, start: number): number {
  let depth = 0
  for (let at = start; at < sql.length; at++) {
    if (sql.startsWith('/*', at)) {
      depth++
      at++
    } else if (sql.startsWith('*/', at)) {
      depth--
      at++
      if (depth === 0) return at + 1
    }
  }
  throw new UnclosedTokenError('unclosed comment')
}

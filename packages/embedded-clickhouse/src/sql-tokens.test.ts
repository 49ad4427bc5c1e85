import { describe, expect, it } from 'vitest'
import { sqlTokens, UnclosedTokenError } from './sql-tokens.ts'

const texts = (sql: string) => [...sqlTokens(sql)].map(({ kind, text }) => `${kind}:${text}`)

describe('sqlTokens', () => {
  it.each([
    ['SELECT a1', ['word:SELECT', 'word:a1']],
    ["'it''s' 'a\\'b'", ["string:it's", "string:a'b"]],
    ['"a""b" `c`', ['quoted:a"b', 'quoted:c']],
    ['1.5e3', ['number:1.5e3']],
    ['a -- b; c\nd', ['word:a', 'word:d']],
    ['a # b\nd #! e\nf', ['word:a', 'word:d', 'word:f']],
    ['a /* b /* c */ d */ e', ['word:a', 'word:e']],
    ['$$x;y$$ $tag$ $$ $tag$', ['string:x;y', 'string: $$ ']],
    ["';' ;", ['string:;', 'symbol:;']],
  ])('reads %j', (sql, expected) => {
    expect(texts(sql)).toEqual(expected)
  })

  it('takes the curly quotes that ClickHouse takes for quotes', () => {
    const latin1 = Buffer.from('‘a;b’ “c;d”').toString('latin1')
    expect(texts(latin1)).toEqual(['string:a;b', 'quoted:c;d'])
  })

  it.each(["'a", '"a', '`a', '/* a', '$x$ a'])('refuses %j, which has no end', (sql) => {
    expect(() => texts(sql)).toThrow(UnclosedTokenError)
  })

  it('does not look behind the tokens it is asked for', () => {
    const tokens = sqlTokens("FORMAT Native\n'\u0000 never closed")
    expect([tokens.next().value?.text, tokens.next().value?.text]).toEqual(['FORMAT', 'Native'])
  })

  it('gives byte positions', () => {
    expect([...sqlTokens("a  'b'")].map(({ start, end }) => [start, end])).toEqual([
      [0, 1],
      [3, 6],
    ])
  })
})

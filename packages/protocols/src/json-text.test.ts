import { describe, expect, it } from 'vitest'
import { nestingMax, parseJson } from './json-text.ts'

describe('parseJson', () => {
  it.each<[string, string, unknown]>([
    ['replaces a lone high surrogate', '"a\\ud800b"', 'a\ufffdb'],
    ['replaces a lone low surrogate', '"\\uDFFF"', '\ufffd'],
    ['replaces two halves in the wrong order', '"\\udc00\\ud800"', '\ufffd\ufffd'],
    ['keeps a pair', '"\\ud83d\\ude00"', '😀'],
    ['keeps a backslash before the letters of an escape', '"\\\\ud800"', '\\ud800'],
    ['replaces a lone surrogate in a key', '{"\\ud800":1}', { '\ufffd': 1 }],
    ['keeps NUL', '"a\\u0000"', 'a\u0000'],
    ['keeps null apart from failure', 'null', null],
  ])('%s', (_, text, expected) => {
    expect(parseJson(text)).toEqual({ value: expected })
  })

  it.each(['', '{', "{'a':1}", '\ufeff{}', '01', '"\\ud8"'])('finds no JSON in %j', (text) => {
    expect(parseJson(text)).toBeUndefined()
  })

  const padding = `"${'[\\"{'.repeat(10_000)}"`
  it('reads long text nested to the limit, brackets in strings not counted', () => {
    const text = `${'['.repeat(nestingMax)}${padding}${']'.repeat(nestingMax)}`
    expect(parseJson(text)).toBeDefined()
  })
  it('refuses long text nested above the limit', () => {
    const depth = nestingMax + 1
    expect(parseJson(`${'['.repeat(depth)}${padding}${']'.repeat(depth)}`)).toBeUndefined()
  })
  it('counts depth and not brackets', () => {
    expect(parseJson(`[${'[],'.repeat(20_000)}{}]`)).toBeDefined()
  })
})

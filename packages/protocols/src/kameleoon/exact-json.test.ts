import { describe, expect, it } from 'vitest'
import { parseExactJson } from './exact-json.ts'

describe('parseExactJson', () => {
  it.each<[string, unknown]>([
    ['[{"a":9007199254740993}]', [{ a: 9007199254740993n }]],
    ['{"a": -9223372036854775808 ,"b":1}', { a: -9223372036854775808n, b: 1 }],
    ['[{"a":"9007199254740993","b":9007199254740993}]', [{ a: '9007199254740993', b: 9007199254740993n }]],
    ['[{"a":"x\\"9007199254740993","b":1}]', [{ a: 'x"9007199254740993', b: 1 }]],
    ['[{"a":"x\\"","b":9007199254740993}]', [{ a: 'x"', b: 9007199254740993n }]],
    [`[{"a":${'9'.repeat(401)}}]`, [{ a: Infinity }]],
    ['[{"a":":9007199254740993"},1]', [{ a: ':9007199254740993' }, 1]],
    ['[{"a":1234567890.123456789}]', [{ a: Number('1234567890.123456789') }]],
    ['[{"a":1234567890123456789e2}]', [{ a: Number('1234567890123456789e2') }]],
    ['[{"a":[9007199254740993]},null,"x"]', [{ a: [9007199254740992] }, null, 'x']],
    ['9007199254740993', 9007199254740992],
    ['[true,false,null,{"e":1e5}]', [true, false, null, { e: 100_000 }]],
    ['{"a":1,"a":9007199254740993}', { a: 9007199254740993n }],
  ])('reads %s', (text, value) => {
    expect(parseExactJson(text)).toEqual({ value })
  })

  it('keeps the names of a prototype as fields', () => {
    const { value } = parseExactJson('{"__proto__":9007199254740993,"constructor":1}')!
    expect(Object.entries(value as object)).toEqual([
      ['__proto__', 9007199254740993n],
      ['constructor', 1],
    ])
  })

  it.each(['', '{', '[1', '{"a":9007199254740993', '[0007199254740993000]'])(
    'finds no JSON in %j',
    (text) => {
      expect(parseExactJson(text)).toBeUndefined()
    },
  )
})

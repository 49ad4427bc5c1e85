import { describe, expect, it } from 'vitest'
import { engineErrorFrom } from './engine-error.ts'

describe('engineErrorFrom', () => {
  it.each([
    ['Code: 60. DB::Exception: Unknown table t. (UNKNOWN_TABLE)', 60, 404],
    ['Code: 62. DB::Exception: Syntax error (line 1): (x). (SYNTAX_ERROR)', 62, 400],
    ['Code: 395. DB::Exception: thrown. (FUNCTION_THROW_IF_VALUE_IS_NON_ZERO)', 395, 500],
    ['Code: 202. DB::Exception: many. (TOO_MANY_SIMULTANEOUS_QUERIES)', 202, 503],
  ])('keeps %j', (message, code, status) => {
    expect(engineErrorFrom(new Error(message))).toMatchObject({ message, code, status })
  })

  it('says a doubled error once', () => {
    const twice =
      "Code: 164. DB::Exception: Code: 164. DB::Exception: Cannot modify 'x'. (READONLY) (version 26.7.2.1). (READONLY)"
    expect(engineErrorFrom(new Error(twice)).message).toBe(
      "Code: 164. DB::Exception: Cannot modify 'x'. (READONLY)",
    )
  })

  it('gives what is no engine error the code of a standard exception', () => {
    expect(engineErrorFrom(new Error('boom'))).toMatchObject({ code: 1001, status: 500 })
  })
})

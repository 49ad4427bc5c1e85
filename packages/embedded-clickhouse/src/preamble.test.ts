import { describe, expect, it } from 'vitest'
import { defaultLimits } from './engine-options.ts'
import { defaultSettings, preamble, sessionReset, type StatementContext } from './preamble.ts'

const defaults = defaultSettings(defaultLimits(4 * 1024 ** 3))

function aContext(values: Partial<StatementContext> = {}): StatementContext {
  return {
    isReadonly: false,
    mayWrite: true,
    database: undefined,
    settings: {},
    params: {},
    mark: 'm',
    ...values,
  }
}

describe('preamble', () => {
  it('sets defaults first, then what the request sets, then readonly', () => {
    const said = preamble(aContext({ settings: { readonly: '2', async_insert: '1' } }), defaults)
    expect(said.indexOf("async_insert = '0'")).toBeLessThan(said.indexOf("async_insert = '1'"))
    expect(said).toMatch(/SET readonly = '2'; $/)
  })

  it.each([
    ['a read-only user', { isReadonly: true }, /SET readonly = '1'; $/],
    ['GET', { mayWrite: false, settings: { readonly: '0' } }, /SET readonly = '2'; $/],
  ])('ends writing for %s', (_, values, expected) => {
    expect(preamble(aContext(values), defaults)).toMatch(expected)
  })

  it('shows read-only users the alias columns in SELECT *, others none', () => {
    expect(preamble(aContext({ isReadonly: true }), defaults)).toContain(
      "asterisk_include_alias_columns = '1'",
    )
    expect(preamble(aContext(), defaults)).not.toContain('asterisk_include_alias_columns')
  })

  it('quotes what comes from outside', () => {
    const said = preamble(
      aContext({ database: 'd`; DROP', params: { x: "a'; \\'" }, settings: { log_comment: "'; DROP" } }),
      defaults,
    )
    expect(said).toContain('USE `d\\`; DROP`; ')
    expect(said).toContain("param_x = 'a\\'; \\\\\\''")
    expect(said).toContain("log_comment = '\\'; DROP'")
  })

  it('refuses settings that are not for read-only users', () => {
    expect(() =>
      preamble(aContext({ isReadonly: true, settings: { max_memory_usage: '1' } }), defaults),
    ).toThrow('Code: 164.')
  })

  it('gives back what a request set in a session', () => {
    const context = aContext({ settings: { max_threads: '1', async_insert: '1' } })
    expect(sessionReset(context, defaults)).toBe("SET max_threads = DEFAULT, async_insert = '0'")
    expect(sessionReset(aContext(), defaults)).toBe('')
  })
})

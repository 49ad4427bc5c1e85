import { describe, expect, it } from 'vitest'
import { compilePattern } from './pattern.ts'

describe('compilePattern', () => {
  it.each<[string, string, boolean]>([
    ['/admin', '/admin', true],
    ['/admin', '/admin/', false],
    ['/admin', '/Admin', false],
    ['/admin', '/x/admin', false],
    ['/test/*', '/test', false],
    ['/test/*', '/test/', true],
    ['/test/*', '/test/a/b.c', true],
    ['/test/**', '/test/a/b', true],
    ['/test*', '/test', true],
    ['/test*', '/testing/a', true],
    ['/*/edit', '/a/b/edit', true],
    ['/*/edit', '/edit', false],
    ['/a*b*c', '/a--b--c', true],
    ['/a*b*c', '/a--c--b', false],
    ['/a*bc*c', '/abc', false],
    ['/a*bc*c', '/abcc', true],
    ['*a*b*', 'ba', false],
    ['*a*a*', 'a', false],
    ['/a*a', '/a', false],
    ['/a*a', '/aa', true],
    ['/**', '/', true],
    ['*', '', true],
    ['***', 'anything\nat all', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', 'a.b.example.com', true],
    ['*example.com', 'example.com', true],
    ['*example.com', 'badexample.com', true],
    ['example.*', 'example.org', true],
    ['a.b', 'axb', false],
    ['/a+(b)?[c]^$|\\', '/a+(b)?[c]^$|\\', true],
    ['/a?', '/ab', false],
    ['/é*', '/éa', true],
  ])('%s against %j: %s', (text, value, expected) => {
    expect(compilePattern(text).matches(value)).toBe(expected)
  })

  it('takes no longer for a rule made to backtrack', () => {
    const pattern = compilePattern(`/${'*a'.repeat(120)}*b`)
    const value = `/${'a'.repeat(100_000)}`
    // CPU time, since a busy machine says nothing about the rule.
    const before = process.cpuUsage()
    expect(pattern.matches(value)).toBe(false)
    expect(compilePattern(`/${'*a'.repeat(120)}`).matches(value)).toBe(true)
    expect(process.cpuUsage(before).user).toBeLessThan(500_000)
  })
})

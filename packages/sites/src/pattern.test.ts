import { describe, expect, it } from 'vitest'
import { compilePattern } from './pattern.ts'

describe('9 page and hostname patterns', () => {
  it.each<[string, string, string, boolean]>([
    ['literal text', '/admin', '/admin', true],
    ['anchored at the end', '/admin', '/admin/', false],
    ['anchored at the end, one letter more', '/admin', '/admins', false],
    ['anchored at the start', '/admin', '/x/admin', false],
    ['by case', '/admin', '/Admin', false],
    ['/test/* is not /test', '/test/*', '/test', false],
    ['/test/* is /test/', '/test/*', '/test/', true],
    ['* is any run, slashes and dots included', '/test/*', '/test/a/b.c', true],
    ['** is the same', '/test/**', '/test/a/b', true],
    ['** is an empty run too', '/test/**', '/test/', true],
    ['** needs what is before it', '/test/**', '/test', false],
    ['* is an empty run', '/test*', '/test', true],
    ['* goes on after a word', '/test*', '/testing/a', true],
    ['* between slashes', '/*/edit', '/a/b/edit', true],
    ['* between slashes is no single slash', '/*/edit', '/edit', false],
    ['** between slashes', '/**/edit', '/a/b/edit', true],
    ['* at the start', '*/edit', '/a/edit', true],
    ['literals in order', '/a*b*c', '/a--b--c', true],
    ['literals out of order', '/a*b*c', '/a--c--b', false],
    ['literals do not overlap the end', '/a*bc*c', '/abc', false],
    ['literals beside the end', '/a*bc*c', '/abcc', true],
    ['literals in the wrong order', '*a*b*', 'ba', false],
    ['two literals are not one', '*a*a*', 'a', false],
    ['start and end do not overlap', '/a*a', '/a', false],
    ['start and end beside each other', '/a*a', '/aa', true],
    ['/** is /', '/**', '/', true],
    ['* is nothing', '*', '', true],
    ['*** is anything, lines included', '***', 'anything\nat all', true],
    ['*.example.com excludes the apex', '*.example.com', 'example.com', false],
    ['*.example.com includes a subdomain', '*.example.com', 'shop.example.com', true],
    ['*.example.com includes what is further below', '*.example.com', 'a.b.example.com', true],
    ['*.example.com excludes another domain', '*.example.com', 'shop.example.com.evil', false],
    ['*example.com includes the apex', '*example.com', 'example.com', true],
    ['*example.com includes a subdomain', '*example.com', 'shop.example.com', true],
    ['*example.com includes what only ends so', '*example.com', 'badexample.com', true],
    ['* at the end of a hostname', 'example.*', 'example.org', true],
    ['a dot is literal', 'a.b', 'axb', false],
    ['signs of regular expressions are literal', '/a+(b)?[c]^$|\\', '/a+(b)?[c]^$|\\', true],
    ['a question mark is literal', '/a?', '/ab', false],
    ['a backslash escapes no star', '/a\\*', '/a\\b', true],
    ['a percent sign is literal', '/a%20b', '/a b', false],
    ['letters beyond ASCII', '/é*', '/éa', true],
  ])('%s: %s against %j: %s', (_, text, value, expected) => {
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

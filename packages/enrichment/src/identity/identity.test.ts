import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { rootDomain } from './root-domain.ts'
import { siphash24Hex } from './siphash24.ts'
import { storedVisitorId } from './stored-visitor-id.ts'
import { userId, visitorUserId } from './user-id.ts'

describe('8.1 the root domain', () => {
  test.each([
    ['the domain itself', 'example.com', 'example.com'],
    ['of a subdomain', 'a.b.example.com', 'example.com'],
    ['below a suffix of two labels', 'blog.example.co.uk', 'example.co.uk'],
    ['below a suffix with a wildcard', 'a.b.c.ck', 'b.c.ck'],
    ['at an exception from a wildcard', 'a.www.ck', 'www.ck'],
    ['below a suffix that no list has', 'a.b.unlisted', 'b.unlisted'],
    ['below a private suffix', 'foo.netlify.app', 'foo.netlify.app'],
    ['further below a private suffix', 'x.foo.netlify.app', 'foo.netlify.app'],
    ['below another private suffix', 'me.github.io', 'me.github.io'],
    ['below a private suffix of three labels', 'a.bucket.s3.amazonaws.com', 'bucket.s3.amazonaws.com'],
    ['in lower case', 'Blog.Example.COM', 'example.com'],
    ['of an international name', 'blog.münchen.de', 'münchen.de'],
    ['of punycode', 'blog.xn--mnchen-3ya.de', 'xn--mnchen-3ya.de'],
    ['(none) as it is', '(none)', '(none)'],
    ['IPv4 as it is', '192.168.1.1', '192.168.1.1'],
    ['no result: one label', 'localhost', 'localhost'],
    ['no result: one label, in its case', 'LocalHost', 'LocalHost'],
    ['no result: a suffix', 'co.uk', 'co.uk'],
    ['no result: a private suffix', 'github.io', 'github.io'],
    ['no result: IPv6', '2001:db8::1', '2001:db8::1'],
    ['no result: the id of an extension', 'abcdefghijklmnop', 'abcdefghijklmnop'],
    ['no result: nothing', '', ''],
  ])('%s: %j is %j', (_, hostname, root) => {
    expect(rootDomain(hostname)).toBe(root)
  })
})

describe('an anonymous visitor (8.1)', () => {
  const salt = Buffer.from('0123456789ABCDEF')
  const visitor = { userAgent: 'UA', ip: '81.2.69.142', site: 'example.com', hostname: 'www.example.com' }

  test("has Plausible's hash of `hello`", () => {
    const id = userId(salt, { userAgent: 'hel', ip: 'l', site: 'o', hostname: '' })
    expect(BigInt(`0x${id}`)).toBe(4402678656023170274n)
  })

  test('is hashed over user agent, address, site and root domain, in UTF-8', () => {
    const accented = { ...visitor, userAgent: 'Ünïcødé 浏览器' }
    const message = Buffer.from('Ünïcødé 浏览器81.2.69.142example.comexample.com', 'utf8')
    expect(userId(salt, accented)).toBe(siphash24Hex(salt, message))
  })

  test('is the same on every subdomain', () => {
    expect(userId(salt, { ...visitor, hostname: 'shop.example.com' })).toBe(userId(salt, visitor))
  })

  test.each([
    ['site', { site: 'example.org' }],
    ['address', { ip: '81.2.69.143' }],
    ['user agent', { userAgent: 'UB' }],
    ['root domain', { hostname: 'example.org' }],
  ])('is another one with another %s', (_, change) => {
    expect(userId(salt, { ...visitor, ...change })).not.toBe(userId(salt, visitor))
  })

  test('is another one under another salt', () => {
    expect(userId(Buffer.from('0123456789ABCDEG'), visitor)).not.toBe(userId(salt, visitor))
  })

  test('keeps leading zeros, so that every id has 16 digits', () => {
    for (let i = 0; i < 300; i++) {
      expect(userId(salt, { ...visitor, ip: `10.0.0.${i}` })).toMatch(/^[0-9a-f]{16}$/)
    }
  })
})

describe('a visitor with an id', () => {
  const hashed = createHash('sha256').update('jane@example.com').digest('hex')
  test.each([
    ['visitor-1', 'visitor-1'],
    [' visitor-1 ', 'visitor-1'],
    ['ABC', 'ABC'],
    ['@handle', '@handle'],
    ['jane@example.com', hashed],
    ['  Jane@Example.COM ', hashed],
    [hashed, hashed],
    ['12@host', createHash('sha256').update('12@host').digest('hex')],
  ])('%j is stored as %j', (visitorId, stored) => {
    expect(storedVisitorId(visitorId)).toBe(stored)
  })

  test('has one user id, whatever the spelling of the email', () => {
    expect(visitorUserId('example.com', ' Jane@Example.com')).toBe(visitorUserId('example.com', hashed))
    expect(visitorUserId('example.com', 'v1')).toMatch(/^[0-9a-f]{16}$/)
  })

  test('has another one on another site, and shares none by joining', () => {
    expect(visitorUserId('a.com', 'v1')).not.toBe(visitorUserId('b.com', 'v1'))
    expect(visitorUserId('a', 'bc')).not.toBe(visitorUserId('ab', 'c'))
  })
})

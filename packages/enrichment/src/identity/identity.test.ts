import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { rootDomain } from './root-domain.ts'
import { siphash24Hex } from './siphash24.ts'
import { storedVisitorId } from './stored-visitor-id.ts'
import { userId, visitorUserId } from './user-id.ts'

describe('the root domain (8.1)', () => {
  test.each([
    ['example.com', 'example.com'],
    ['a.b.example.com', 'example.com'],
    ['blog.example.co.uk', 'example.co.uk'],
    ['foo.netlify.app', 'foo.netlify.app'],
    ['x.foo.netlify.app', 'foo.netlify.app'],
    ['me.github.io', 'me.github.io'],
    ['Blog.Example.COM', 'example.com'],
    ['(none)', '(none)'],
    ['192.168.1.1', '192.168.1.1'],
    ['localhost', 'localhost'],
    ['co.uk', 'co.uk'],
    ['2001:db8::1', '2001:db8::1'],
    ['abcdefghijklmnop', 'abcdefghijklmnop'],
    ['', ''],
  ])('of %j is %j', (hostname, root) => {
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

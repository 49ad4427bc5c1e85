import { describe, expect, test } from 'vitest'
import { referrerColumn, validReferral } from './referral.ts'
import { urlParts } from './url-parts.ts'

describe('4.1 a valid referral', () => {
  test.each([
    ['scheme https', 'https://google.com/', 'example.com'],
    ['scheme http', 'http://google.com', 'example.com'],
    ['scheme android-app', 'android-app://com.reddit.frontpage', 'example.com'],
    ['scheme in capitals', 'HTTPS://google.com', 'example.com'],
    ['a sibling subdomain', 'https://blog.example.com/', 'example.com'],
    ['another sibling', 'https://blog.example.com/', 'shop.example.com'],
    ['the apex from a subdomain', 'https://example.com/', 'blog.example.com'],
    ['www. only once', 'https://www.www.example.com/', 'example.com'],
    ['any host for a page without one', 'https://example.com/', '(none)'],
    ['credentials and a port', 'https://user:pw@google.com:8443/x', 'example.com'],
    ['a host that only begins as localhost', 'http://localhost.example/', 'example.com'],
    ['an IPv4 host', 'http://192.0.2.1/', 'example.com'],
    ['an IPv6 host', 'http://[2001:db8::1]/', 'example.com'],
    ['an international host', 'https://münchen.example/', 'example.com'],
  ])('%s', (_, referrer, hostname) => {
    expect(validReferral(referrer, hostname)).toBeDefined()
  })
})

describe('4.1 no referral', () => {
  test.each([
    ['empty', '', 'example.com'],
    ['blank', ' ', 'example.com'],
    ['no scheme', 'google.com', 'example.com'],
    ['no scheme but slashes', '//google.com/', 'example.com'],
    ['a path', '/path', 'example.com'],
    ['a blank before the scheme', ' https://google.com', 'example.com'],
    ['scheme ftp', 'ftp://google.com', 'example.com'],
    ['scheme ios-app', 'ios-app://123/x', 'example.com'],
    ['scheme about', 'about:blank', 'example.com'],
    ['scheme chrome-extension', 'chrome-extension://abc/', 'example.com'],
    ['no authority', 'https:google.com', 'example.com'],
    ['empty host', 'https://', 'example.com'],
    ['empty host before a path', 'https:///path', 'example.com'],
    ['empty host before a port', 'https://:80/', 'example.com'],
    ['localhost', 'http://localhost/', 'example.com'],
    ['localhost with a port', 'http://localhost:3000/', 'example.com'],
    ['www.localhost', 'http://www.localhost/', 'example.com'],
    ['the page host', 'https://example.com/x', 'example.com'],
    ['the page host over http', 'http://example.com/x', 'example.com'],
    ['www. before the page host', 'https://www.example.com/x', 'example.com'],
    ['the page host without its www.', 'https://example.com/x', 'www.example.com'],
    ['the page host with a port', 'https://example.com:8443/x', 'example.com'],
    ['the page host in another case', 'https://Example.com/x', 'example.com'],
  ])('%s', (_, referrer, hostname) => {
    expect(validReferral(referrer, hostname)).toBeUndefined()
  })
})

describe('4.2 the referrer column', () => {
  test.each([
    ['host', 'https://google.com', 'google.com'],
    ['host without www.', 'https://www.google.com', 'google.com'],
    ['host with only one www. less', 'https://www.www.google.com', 'www.google.com'],
    ['host in its case', 'https://Google.com/', 'Google.com'],
    ['host and path', 'https://a.com/path/x.html', 'a.com/path/x.html'],
    ['a slash alone', 'https://a.com/', 'a.com'],
    ['a trailing slash', 'https://a.com/path/', 'a.com/path'],
    ['all trailing slashes', 'https://a.com/path///', 'a.com/path'],
    ['nothing but slashes', 'https://a.com///', 'a.com'],
    ['slashes inside', 'https://a.com//b//c', 'a.com//b//c'],
    ['no port', 'https://a.com:8443/p', 'a.com/p'],
    ['no credentials', 'https://u:p@a.com/p', 'a.com/p'],
    ['no query', 'https://a.com/p?q=1', 'a.com/p'],
    ['no query, but the slash before it goes', 'https://a.com/p/?q=/x/', 'a.com/p'],
    ['no fragment', 'https://a.com/p#f', 'a.com/p'],
    ['path not decoded', 'https://a.com/sp%20ace%2F/', 'a.com/sp%20ace%2F'],
    ['no scheme', 'http://a.com/', 'a.com'],
    ['android-app:// as prefix', 'android-app://com.reddit.frontpage/', 'android-app://com.reddit.frontpage'],
    ['android-app:// with its path', 'android-app://a.b/https/c.com/', 'android-app://a.b/https/c.com'],
    ['IPv6 without brackets', 'https://[2001:db8::1]:80/x', '2001:db8::1/x'],
  ])('%s', (_, referrer, column) => {
    const parts = validReferral(referrer, 'example.com')
    expect(parts && referrerColumn(parts)).toBe(column)
  })

  test('takes no longer for a path of slashes', () => {
    const parts = urlParts(`https://a.com/${'/x'.repeat(20_000)}${'/'.repeat(100_000)}`)
    const before = process.cpuUsage()
    expect(referrerColumn(parts)).toHaveLength('a.com/'.length + 40_000)
    expect(process.cpuUsage(before).user).toBeLessThan(500_000)
  })
})

test.each([
  ['https://u:p@h.com:1/p?q#f', { scheme: 'https', host: 'h.com', path: '/p' }],
  [' https://h.com', { scheme: '', host: '', path: ' https://h.com' }],
  ['//h.com/p', { scheme: '', host: 'h.com', path: '/p' }],
  ['data:text/html', { scheme: 'data', host: '', path: 'text/html' }],
  ['', { scheme: '', host: '', path: '' }],
])('splits %j', (text, parts) => {
  expect(urlParts(text)).toEqual(parts)
})

import { describe, expect, test } from 'vitest'
import { referrerColumn, validReferral } from './referral.ts'
import { urlParts } from './url-parts.ts'

describe('a valid referral (4.1)', () => {
  test.each([
    ['https://google.com/', 'example.com'],
    ['http://google.com', 'example.com'],
    ['HTTPS://google.com', 'example.com'],
    ['android-app://com.reddit.frontpage', 'example.com'],
    ['https://blog.example.com/', 'example.com'],
    ['https://example.com/', 'blog.example.com'],
    ['https://example.com/', '(none)'],
    ['https://user:pw@google.com:8443/x', 'example.com'],
  ])('%j counts on %s', (referrer, hostname) => {
    expect(validReferral(referrer, hostname)).toBeDefined()
  })

  test.each([
    ['', 'example.com'],
    ['google.com', 'example.com'],
    ['/path', 'example.com'],
    ['ftp://google.com', 'example.com'],
    ['about:blank', 'example.com'],
    ['https://', 'example.com'],
    ['https:///path', 'example.com'],
    ['http://localhost:3000/', 'example.com'],
    ['https://example.com/x', 'example.com'],
    ['https://www.example.com/x', 'example.com'],
    ['https://example.com:8443/x', 'www.example.com'],
    ['https://Example.com/x', 'example.com'],
  ])('%j does not count on %s', (referrer, hostname) => {
    expect(validReferral(referrer, hostname)).toBeUndefined()
  })
})

test.each([
  ['https://www.google.com/', 'google.com'],
  ['https://google.com', 'google.com'],
  ['https://a.com/path/', 'a.com/path'],
  ['https://a.com/path///', 'a.com/path'],
  ['https://a.com///', 'a.com'],
  ['https://a.com:8443/p?q=1#f', 'a.com/p'],
  ['https://a.com/sp%20ace/', 'a.com/sp%20ace'],
  ['android-app://com.reddit.frontpage/', 'android-app://com.reddit.frontpage'],
  ['https://[2001:db8::1]:80/x', '2001:db8::1/x'],
])('the referrer column of %s is %s (4.2)', (referrer, column) => {
  const parts = validReferral(referrer, 'example.com')
  expect(parts && referrerColumn(parts)).toBe(column)
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

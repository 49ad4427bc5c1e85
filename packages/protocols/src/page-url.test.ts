import { describe, expect, it } from 'vitest'
import { readPageUrl } from './page-url.ts'

const page = (url: string) => readPageUrl(url, { withFragment: false })
const routed = (url: string) => readPageUrl(url, { withFragment: true })

describe('3 hostname', () => {
  it.each<[string, string, string]>([
    ['is the host', 'https://example.com/a', 'example.com'],
    ['loses one leading www.', 'https://www.example.com/', 'example.com'],
    ['loses only one www.', 'https://www.www.example.com/', 'www.example.com'],
    ['keeps an upper-case WWW.', 'https://WWW.example.com/', 'WWW.example.com'],
    ['keeps its case', 'https://Example.COM/', 'Example.COM'],
    ['is trimmed', 'https:// example.com /a', 'example.com'],
    ['has no port', 'https://example.com:8443/', 'example.com'],
    ['has no credentials', 'https://user:p@ss@example.com/', 'example.com'],
    ['has no IPv6 brackets', 'http://[2001:db8::1]:8080/', '2001:db8::1'],
    ['keeps an international name as sent', 'https://münchen.example/', 'münchen.example'],
    ['keeps punycode as sent', 'https://xn--mnchen-3ya.example/', 'xn--mnchen-3ya.example'],
    ['ends at a backslash no sooner than at a slash', 'https://a\\b/c', 'a\\b'],
    ['is (none) for a relative URL', '/no/hostname', '(none)'],
    ['is (none) for an empty URL', '', '(none)'],
    ['is (none) without an authority', 'about:config', '(none)'],
    ['is (none) for an empty host', 'file:///x', '(none)'],
    ['is (none) when nothing but www. is left', 'http://www./', '(none)'],
    ['is (none) after a leading blank', ' http://example.com/', '(none)'],
    ['is the id of an extension', 'chrome-extension://ID/popup.html', 'ID'],
    ['is that of a network-path reference', '//example.com/a', 'example.com'],
    ['is that of any scheme', 'android-app://com.example/x', 'com.example'],
  ])('%s', (_, url, expected) => {
    expect(page(url).hostname).toBe(expected)
  })
})

describe('3 pathname', () => {
  it.each<[string, string, string]>([
    ['is the path', 'https://example.com/a/b', '/a/b'],
    ['is / when absent', 'https://example.com', '/'],
    ['is / when only a query follows', 'https://example.com?a=b', '/'],
    ['is decoded once', 'https://example.com/%2525', '/%25'],
    ['is decoded as UTF-8', 'https://example.com/%C3%A9', '/é'],
    ['keeps a broken %', 'https://example.com/100%/%zz/%C3%A9', '/100%/%zz/é'],
    ['keeps other characters beside a broken %', 'https://example.com/é%', '/é%'],
    ['stays storable where bytes are not UTF-8', 'https://example.com/%FF', '/\ufffd'],
    ['keeps + literally', 'https://example.com/a+b', '/a+b'],
    ['loses whitespace at its end', 'https://example.com/a \t', '/a'],
    ['loses encoded whitespace at its end', 'https://example.com/a%20%C2%A0', '/a'],
    ['keeps whitespace inside', 'https://example.com/%20a%20b', '/ a b'],
    ['keeps the trailing slash', 'https://example.com/a/', '/a/'],
    ['keeps letter case', 'https://example.com/AbC', '/AbC'],
    ['never has the query', 'https://example.com/a?b=/c', '/a'],
    ['has no fragment without hash mode', 'https://example.com/a#b', '/a'],
    ['keeps dot segments', 'https://example.com/a/../b/./c', '/a/../b/./c'],
    ['keeps a NUL byte', 'https://example.com/%00', '/\u0000'],
    ['is that of a relative URL', '/no/hostname', '/no/hostname'],
    ['is what follows a scheme without an authority', 'about:config', 'config'],
    ['is the whole text after a leading blank', ' http://example.com/', ' http://example.com/'],
    ['is empty when nothing is left', 'about:%20', ''],
  ])('%s', (_, url, expected) => {
    expect(page(url).pathname).toBe(expected)
  })
})

describe('3 hash mode', () => {
  it.each<[string, string, string]>([
    ['appends the fragment', 'https://example.com/a#/b', '/a#/b'],
    ['appends it to the root', 'https://example.com#b', '/#b'],
    ['decodes it', 'https://example.com/#%C3%A9%2', '/#é%2'],
    ['keeps a query inside it', 'https://example.com/?a=b#/c?d=e', '/#/c?d=e'],
    ['appends an empty fragment, which is one', 'https://example.com/a#', '/a#'],
    ['changes nothing without a fragment', 'https://example.com/a', '/a'],
  ])('%s', (_, url, expected) => {
    expect(routed(url).pathname).toBe(expected)
  })
})

describe('3 query', () => {
  it.each<[string, string, string]>([
    ['is raw, without its mark', 'https://example.com/?a=b+c&d=%20', 'a=b+c&d=%20'],
    ['keeps further marks', 'https://example.com/?a=b?c', 'a=b?c'],
    ['ends before the fragment', 'https://example.com/?a=b#?c=d', 'a=b'],
    ['is not searched for in the fragment', 'https://example.com/#/?utm_source=x', ''],
    ['is empty when absent', 'https://example.com/', ''],
  ])('%s', (_, url, expected) => {
    expect(page(url).query).toBe(expected)
  })
})

import { describe, expect, test } from 'vitest'
import { countryForm, HostIndex } from './host-index.ts'

const index = new HostIndex([
  ['example.com', 'apex'],
  ['www.blog.example.com', 'blog'],
  ['example.com/search/', 'search'],
  ['example.com/search/images', 'images'],
  ['example.com', 'too late'],
  ['only.example.org/path', 'path'],
  ['shop.{}', 'shop'],
  ['shop.de', 'shop.de'],
  ['{}.ask.com', 'ask'],
  ['images.{}.ask.com', 'ask images'],
  ['solo', 'solo'],
])

describe('a host and path', () => {
  test.each([
    ['example.com', '/', 'apex'],
    ['a.b.example.com', '', 'apex'],
    ['blog.example.com', '/', 'blog'],
    ['x.blog.example.com', '/search', 'blog'],
    ['example.com', '/search', 'search'],
    ['example.com', '/search/x', 'search'],
    ['example.com', '/searching', 'apex'],
    ['example.com', '/search/images/1', 'images'],
    ['notexample.com', '/', undefined],
    ['com', '/', undefined],
    ['', '/', undefined],
    ['only.example.org', '/path/x', 'path'],
    ['only.example.org', '/', undefined],
    ['shop.fr', '/', 'shop'],
    ['shop.co.uk', '/', 'shop'],
    ['www.shop.com.br', '/', 'shop'],
    ['shop.de', '/', 'shop.de'],
    ['shop.com', '/', undefined],
    ['shop.museum', '/', undefined],
    ['shop.fr.example', '/', undefined],
    ['uk.ask.com', '/', 'ask'],
    ['images.uk.ask.com', '/', 'ask images'],
    ['ask.com', '/', undefined],
    ['solo', '/', 'solo'],
    ['x.solo', '/', undefined],
    ['__proto__', '/', undefined],
  ])('%s%s is %s', (host, path, found) => {
    expect(index.find(host, path)).toBe(found)
  })
})

test('exactly: not what is below', () => {
  expect([index.exact('example.com'), index.exact('a.example.com')]).toEqual(['apex', undefined])
})

test.each([
  ['shop.amazon.co.uk', 'shop.amazon.{}'],
  ['amazon.com.br', 'amazon.{}'],
  ['amazon.de', 'amazon.{}'],
  ['amazon.com', 'amazon.com'],
  ['uk.ask.com', '{}.ask.com'],
  ['images.uk.ask.com', 'images.{}.ask.com'],
  ['facebook', 'facebook'],
])('the country form of %s is %s', (host, form) => {
  expect(countryForm(host)).toBe(form)
})

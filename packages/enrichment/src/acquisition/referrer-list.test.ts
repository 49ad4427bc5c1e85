import { describe, expect, test } from 'vitest'
import { parseReferrerList } from './referrer-list.ts'

const searchEngines = `# comment
1.cz:
  -
    urls:
      - 1.cz
    params:
      - '/s\\/([^\\/]+)/'
      - q
    backlink: 's/{k}'
    charsets:
      - iso-8859-2
Avira SafeSearch:
  - urls:
      - search.avira.com
    params:
      - ask
    hiddenkeyword:
      - '/'

Google:
  -
    urls:
      - google.com
      - 'google.{}'
    params: []
  -
    urls:
      - android-app://com.google.android.googlequicksearchbox
      - bing.com/images/search
`
const socials = `---
Badoo:
  - badoo.com

Google%2B:
  - plus.google.com

"Hacker News":
   - news.ycombinator.com
LinkedIn:
  - linkedin.com
  - lnkd.in \r
Chat+:
- chatplus.com
100%:
  - a.example
`

test('reads the YAML of search engines, of which only `urls` are hosts', () => {
  expect(parseReferrerList(searchEngines)).toEqual([
    { name: '1.cz', hosts: ['1.cz'] },
    { name: 'Avira SafeSearch', hosts: ['search.avira.com'] },
    {
      name: 'Google',
      hosts: ['google.com', 'google.{}', 'com.google.android.googlequicksearchbox', 'bing.com/images/search'],
    },
  ])
})

const readSocials = [
  { name: 'Badoo', hosts: ['badoo.com'] },
  { name: 'Google+', hosts: ['plus.google.com'] },
  { name: 'Hacker News', hosts: ['news.ycombinator.com'] },
  { name: 'LinkedIn', hosts: ['linkedin.com', 'lnkd.in'] },
  { name: 'Chat+', hosts: ['chatplus.com'] },
  { name: '100%', hosts: ['a.example'] },
]

test('reads the YAML of social networks and assistants', () => {
  expect(parseReferrerList(socials)).toEqual(readSocials)
  expect(parseReferrerList(`\ufeff${socials.replaceAll('\n', '\r\n')}`)).toEqual(readSocials)
})

test('reads JSON of either shape', () => {
  const json = {
    'Google%2B': ['plus.google.com'],
    Bing: [{ urls: ['bing.com', '{}.bing.com'], params: ['q'] }],
  }
  expect(parseReferrerList(`\ufeff ${JSON.stringify(json)}`)).toEqual([
    { name: 'Google+', hosts: ['plus.google.com'] },
    { name: 'Bing', hosts: ['bing.com', '{}.bing.com'] },
  ])
})

describe('refuses', () => {
  test.each([
    ['nothing', '', /^names no host$/],
    ['a name without hosts', 'Name:\n', /^names no host$/],
    ['another text', '<html>', /^line 1 is no name with a colon$/],
    ['a host before a name', '  - a.example\n', /^line 1 belongs to no list$/],
    ['a host that is no list', 'Name:\n  a.example\n', /^line 2 belongs to no list$/],
    ['blanks in a host', 'Name:\n  - a example\n', /^line 2: no host$/],
    ['a URL', 'Name:\n  - https://a.example\n', /^line 2: no host$/],
    ['JSON text for a list', '{"Name": "a.example"}', /^"Name" has no list$/],
    ['a JSON number', '{"Name": [5]}', /^"Name": no host$/],
    ['an empty host', '{"Name": [""]}', /^"Name": no host$/],
    ['text for urls', '{"Name": [{"urls": "x"}]}', /^"Name": no host$/],
    ['half of a JSON', '{', /JSON/],
    ['too many hosts', `Name:\n${'  - a.example\n'.repeat(100_001)}`, /^has more than 100000 hosts$/],
    ['too many names', 'Name:\n  - a.example\n'.repeat(10_001), /^has more than 10000 names$/],
  ])('%s', (_, text, message) => {
    expect(() => parseReferrerList(text)).toThrow(message)
  })
})

import { expect, test } from 'vitest'
import { queryTags } from './query-tags.ts'

test.each<[string, Record<string, string>]>([
  ['', {}],
  ['a=1&b=2', {}],
  ['utm_source=news+letter%21', { utm_source: 'news letter!' }],
  ['utm_source=a&utm_source=b', { utm_source: 'b' }],
  ['utm_source', { utm_source: '' }],
  ['utm_source=', { utm_source: '' }],
  ['UTM_SOURCE=a', {}],
  ['utm%5Fsource=a', { utm_source: 'a' }],
  ['utm_source=a=b', { utm_source: 'a=b' }],
  ['utm_source=%', { utm_source: '%' }],
  ['utm_source=100%+sure', { utm_source: '100% sure' }],
  ['utm_source=%ff', { utm_source: '\ufffd' }],
  ['utm_source=a;utm_medium=b', { utm_source: 'a;utm_medium=b' }],
  ['&&utm_medium=m&', { utm_medium: 'm' }],
  ['__proto__=1&constructor=2', {}],
])('reads the tags of %j', (query, tags) => {
  expect(Object.fromEntries(queryTags(query))).toEqual(tags)
})

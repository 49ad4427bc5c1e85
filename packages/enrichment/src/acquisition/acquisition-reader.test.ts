import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AcquisitionReader, acquisitionKeyCharsMax } from './acquisition-reader.ts'
import { acquisition } from './acquisition.ts'

test('answers as without a memory, again and again', () => {
  const reader = new AcquisitionReader({ cacheEntriesMax: 2 })
  const events = [
    { hostname: 'a.com', query: 'ref=x', referrer: 'https://b.com/' },
    { hostname: 'a.com', query: '', referrer: 'https://www.google.com/' },
    { hostname: 'a.com', query: '', referrer: 'https://a.com/' },
    { hostname: 'a.com', query: `ref=${'y'.repeat(acquisitionKeyCharsMax)}`, referrer: '' },
  ]
  for (let round = 0; round < 3; round++) {
    for (const event of events) expect(reader.read(event)).toEqual(acquisition(event))
  }
})

test('keeps events apart whose texts are the same when joined', () => {
  const reader = new AcquisitionReader()
  reader.read({ hostname: 'a.com', query: 'ref=x', referrer: '1' })
  expect(reader.read({ hostname: 'a.com', query: 'ref=x1', referrer: '' }).source).toBe('x1')
})

test('takes no referrer for a page of the site that is none', () => {
  const reader = new AcquisitionReader()
  const hostnames = [
    'a.com',
    'A.com',
    'www.a.com',
    '',
    'a.com@b.com',
    'a.com:80',
    'a.com/b.com',
    'a com',
    '[::1]',
    '(none)',
  ]
  const starts = ['https://', 'http://', 'HTTPS://', 'https:/', 'https://www.', 'https://x@', '']
  const ends = ['', '/', '/page', ':80/', '?/', '#/', '.b.com/', '@b.com/', '//']
  fc.assert(
    fc.property(
      fc.constantFrom(...hostnames),
      fc.constantFrom(...hostnames),
      fc.constantFrom(...starts),
      fc.constantFrom(...ends),
      (hostname, host, start, end) => {
        const event = { hostname, query: '', referrer: start + host + end }
        expect(reader.read(event)).toEqual(acquisition(event))
      },
    ),
    { numRuns: 5_000 },
  )
})

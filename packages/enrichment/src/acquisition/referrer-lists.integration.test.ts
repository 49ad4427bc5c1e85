import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aRawEvent } from '@millrace/events/testing'
import { createEnricher, rulesVersion } from '../enrich.ts'
import { fakeGeo } from '../testing.ts'
import { AcquisitionReader } from './acquisition-reader.ts'
import { openReferrerLists } from './referrer-lists.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-referrers-'))
  await writeFile(join(folder, 'search.yml'), 'Suche:\n  -\n    urls:\n      - suche.example\n')
  await writeFile(join(folder, 'social.json'), '{"Forum": ["forum.example"], "Other": ["suche.example"]}')
  await utimes(join(folder, 'search.yml'), 0, new Date('2026-11-19T12:00:00Z'))
  await utimes(join(folder, 'social.json'), 0, new Date('2026-07-15T12:00:00Z'))
})
afterAll(() => rm(folder, { recursive: true }))

const optionOf = (...parts: string[]) => parts.map((part) => part.replace('=', `=${folder}/`)).join(' , ')

test('an enriched event has the source and channel of the lists, and says which lists', async () => {
  const sources = await openReferrerLists(optionOf('search=search.yml', 'social=social.json'))
  const acquisitions = new AcquisitionReader(sources && { sources })
  const enrich = createEnricher({ geo: fakeGeo(), acquisitions })
  const context = { rawOffset: 1, salt: Buffer.alloc(16), previousSalt: Buffer.alloc(16) }
  const came = (referrer: string, query = '') => enrich(aRawEvent({ referrer, query }), context)
  const enrichmentVersion = `fake referrers=2026-11-19 rules=${rulesVersion}`
  expect(came('https://www.suche.example/q')).toMatchObject({
    source: 'Suche',
    channel: 'Organic Search',
    enrichmentVersion,
  })
  expect(came('https://forum.example/')).toMatchObject({ source: 'Forum', channel: 'Organic Social' })
  expect(came('', 'ref=FORUM&utm_medium=cpc')).toMatchObject({ source: 'Forum', channel: 'Paid Social' })
  expect(came('https://www.google.com/')).toMatchObject({ source: 'Google', channel: 'Organic Search' })
})

test('without the option there are no lists', async () => {
  expect(await openReferrerLists(undefined)).toBeUndefined()
})

test.each([
  ['search.yml', /^invalid options: REFERRER_LISTS: expected kind=file, .* \(got "search\.yml"\)$/],
  ['paid=search.yml', /kind one of search, social, video, shopping, email, ai \(got "paid=/],
  ['search=', /^invalid options: REFERRER_LISTS: expected kind=file/],
  ['', /^invalid options: REFERRER_LISTS: expected kind=file/],
  [`${'search=x,'.repeat(100)}search=x`, /^invalid options: REFERRER_LISTS: more than 100 files$/],
  ['search=/nowhere/x.yml', /^referrer list \/nowhere\/x\.yml cannot be used: ENOENT[^\n]*$/],
])('%.30j is refused in one line', async (option, message) => {
  await expect(openReferrerLists(option)).rejects.toThrow(message)
})

test('a file that is no list is refused by its line', async () => {
  await writeFile(join(folder, 'bad.yml'), 'Suche:\n  - a b\n')
  await expect(openReferrerLists(optionOf('search=bad.yml'))).rejects.toThrow(
    /bad\.yml cannot be used: line 2: no host$/,
  )
})

/** What source and channel cost an event, with and without a memory, on a stream in which few ways to come are common. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bench, describe } from 'vitest'
import { rootDomain } from '../identity/root-domain.ts'
import { AcquisitionReader } from './acquisition-reader.ts'
import { acquisition } from './acquisition.ts'
import { packagedReferrers } from './referrer-database.ts'
import { openReferrerSpam } from './referrer-spam.ts'
import { onEach } from '../test-stream.ts'

const eventsCount = 50_000
const pagesCount = 20_000

const common = [
  { query: '', referrer: '' },
  { query: '', referrer: 'https://example.com/other-page' },
  { query: '', referrer: 'https://www.google.com/' },
  { query: '', referrer: 'https://t.co/abcdef' },
  { query: 'gclid=EAIaIQobChMI&gad_source=1', referrer: 'https://www.google.com/' },
  { query: 'utm_source=newsletter&utm_medium=email&utm_campaign=november+sale', referrer: '' },
]
const known = Object.keys(packagedReferrers)

/** Half comes in the common ways, a quarter from hosts of the data, a quarter from pages that nobody else links from. */
const events = Array.from({ length: eventsCount }, (_, i) => {
  const chance = (i * 2_654_435_761) % 2 ** 32
  const rare =
    i % 4 === 1
      ? `https://${known[chance % known.length] ?? ''}`
      : `https://blog${chance % pagesCount}.example.org/2026/post/${i}`
  const came = i % 2 === 0 ? common[chance % common.length] : { query: '', referrer: rare }
  return { hostname: 'example.com', query: came?.query ?? '', referrer: came?.referrer ?? '' }
})
const reader = new AcquisitionReader()
const spam = await listed(known.filter((key) => /^[\w.-]+$/.test(key)))

/** A spam list as long as Matomo's, of hosts that are in the stream. */
async function listed(hosts: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  await writeFile(join(folder, 'spam.txt'), hosts.join('\n'))
  const opened = await openReferrerSpam(join(folder, 'spam.txt'))
  await rm(folder, { recursive: true })
  return opened
}

const options = { time: 1_000, warmupTime: 200 }

describe('one event', () => {
  bench(
    'source and channel, with a memory',
    onEach(events, (event) => reader.read(event)),
    options,
  )
  bench(
    'source and channel, without',
    onEach(events, (event) => acquisition(event)),
    options,
  )
})

describe('one referrer', () => {
  bench(
    'is spam',
    onEach(events, ({ referrer }) => spam.has(referrer)),
    options,
  )
  bench(
    'root domain of its host',
    onEach(events, ({ referrer }) => rootDomain(referrer.slice('https://'.length).split('/', 1)[0] ?? '')),
    options,
  )
})

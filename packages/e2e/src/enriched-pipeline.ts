import { existsSync } from 'node:fs'
import { copyFile, rename, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { Cleanup } from './cleanup.ts'
import { eventually } from './eventually.ts'
import { environmentOf } from './millrace-command.ts'
import { PipelineProcess } from './pipeline-process.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const storedMsMax = 20_000

/** MaxMind's test databases and Matomo's list of spammers lie beside the checkout: they are not ours to copy in. */
export const reference = {
  city: 'geo/GeoIP2-City-Test.mmdb',
  otherCity: 'geo/GeoLite2-City-Test.mmdb',
  brokenCity: 'geo/GeoIP2-City-Test-Invalid-Node-Count.mmdb',
  asn: 'geo/GeoLite2-ASN-Test.mmdb',
  anonymous: 'geo/GeoIP2-Anonymous-IP-Test.mmdb',
  spam: 'referrer-spam-hosts.txt',
} as const

export function referencePath(name: string): string {
  return fileURLToPath(new URL(`../../../../shared/data/${name}`, import.meta.url))
}

/** What of it is missing, for a skipped suite's title; empty when all is there. */
export function neededReferences(): string {
  const missing = Object.values(reference).filter((name) => !existsSync(referencePath(name)))
  return missing.length === 0 ? '' : ` (needs ${missing.map((name) => `shared/data/${name}`).join(', ')})`
}

/** Build date of all of MaxMind's test databases. */
export const buildDate = '2026-02-04'
const listsChangedAt = new Date('2026-01-15T12:00:00Z')
/** Which data answers, as `enrichment_version` says it. */
export const firstVersion = `city=${buildDate} asn=${buildDate} anonymous=${buildDate} lists=2026-01-15`
export const selfTestToken = 'a-token-for-the-self-test'

/** The site that marks bots, and the one that drops them and has shields. */
export const marking = 'marking.example'
export const dropping = 'dropping.example'
const sites = {
  acceptUnknownSites: false,
  sites: [
    { domain: marking, bots: 'mark' },
    {
      domain: dropping,
      bots: 'drop',
      shields: {
        ips: ['175.16.199.99'],
        countries: ['BT', 'A1'],
        pages: ['/admin/**'],
        hostnames: [dropping, `*.${dropping}`],
      },
    },
  ],
}

export type Headers = Readonly<Record<string, string>>

/** A page view; the page's name tells it from the others. */
export interface Visit {
  readonly page: string
  readonly site?: string
  readonly hostname?: string
  readonly query?: string
  readonly referrer?: string
  /** Over those of a browser in Linköping. */
  readonly headers?: Headers
}

/** The whole pipeline on the reference data, what visitors send to it, and what SQL says of it. */
export class EnrichedPipeline {
  readonly pipeline: PipelineProcess
  /** What a command needs to see the same data. */
  readonly environment: Readonly<Record<string, string>>
  readonly #directory: string
  #sent = 0

  private constructor(
    pipeline: PipelineProcess,
    environment: Readonly<Record<string, string>>,
    directory: string,
  ) {
    this.pipeline = pipeline
    this.environment = environment
    this.#directory = directory
  }

  static async start(cleanup: Cleanup): Promise<EnrichedPipeline> {
    const directory = await temporaryDirectory()
    cleanup.defer(directory.remove)
    const options = await writeData(directory.path)
    const dataDirectory = join(directory.path, 'data')
    const pipeline = await PipelineProcess.start({ dataDirectory, environment: options })
    cleanup.defer(async () => expect(await pipeline.process.stop()).toBe(0))
    const environment = { ...environmentOf(pipeline, dataDirectory), ...options }
    return new EnrichedPipeline(pipeline, environment, directory.path)
  }

  /**
   * Replaces one of its data files as operators do: written beside, then renamed over.
   * @returns the new file's date, `YYYY-MM-DD`
   */
  async replace(name: 'city.mmdb' | 'threats.txt', content: Buffer | string): Promise<string> {
    const path = join(this.#directory, name)
    await writeFile(`${path}.new`, content)
    await rename(`${path}.new`, path)
    return (await stat(path)).mtime.toISOString().slice(0, 10)
  }

  /** @returns the pages of which the producer says that it dropped them */
  async send(visits: readonly Visit[]): Promise<string[]> {
    const dropped: string[] = []
    for (const visit of visits) if (await this.#isDropped(visit)) dropped.push(visit.page)
    return dropped
  }

  async #isDropped({ page, site = marking, hostname = site, ...visit }: Visit): Promise<boolean> {
    this.#sent += 1
    const url = `https://${hostname}${page}${visit.query ?? ''}`
    const response = await this.pipeline.post(
      { n: 'pageview', d: site, u: url, r: visit.referrer ?? null },
      // Every visitor has an address of their own, so that each is a session.
      { 'x-forwarded-for': `89.160.20.${String(127 + this.#sent)}`, ...visit.headers },
    )
    expect([response.status, await response.text()]).toEqual([202, 'ok'])
    return response.headers.get('x-plausible-dropped') === '1'
  }

  /**
   * Waits until the rows are exactly these.
   * @param query with `PAGES` where the pages are listed
   * @param expected the columns of each row as text, with bars between them, in any order
   */
  async expectRows(query: string, pages: readonly string[], expected: readonly string[]): Promise<void> {
    const listed = pages.map((page) => `'${page}'`).join(', ')
    await eventually(`${query} for ${listed}`, storedMsMax, async () => {
      const rows = await this.pipeline.sql(query.replace('PAGES', listed))
      const lines = rows.map((row) => Object.values(row).map(String).join('|'))
      expect(lines.toSorted()).toEqual(expected.toSorted())
    })
  }

  /** Each page is one event with these columns. @param expected the page first */
  async expectEvents(columns: string, expected: readonly string[]): Promise<void> {
    const query = `SELECT pathname, ${columns} FROM events WHERE pathname IN (PAGES)`
    await this.expectRows(query, expected.map(pageOf), expected)
  }

  /** Each page is one event and one session, and both have these columns. @param expected the page first */
  async expectStored(columns: string, expected: readonly string[]): Promise<void> {
    await this.expectEvents(columns, expected)
    const pages = expected.map(pageOf)
    const sessions = `SELECT entry_page, ${columns} FROM sessions WHERE entry_page IN (PAGES)`
    await this.expectRows(sessions, pages, expected)
  }

  /** Each is booked once, and no event. @param expected page, site and reason */
  async expectDropped(expected: readonly string[]): Promise<void> {
    const pages = expected.map(pageOf)
    const drops = 'SELECT pathname, site, reason FROM dropped_events WHERE pathname IN (PAGES)'
    await this.expectRows(drops, pages, expected)
    await this.expectRows('SELECT pathname FROM events WHERE pathname IN (PAGES)', pages, [])
  }

  /** How often the enricher took changed data, or refused it. */
  async reloads(outcome: 'taken' | 'refused'): Promise<number> {
    const metrics = await (await fetch(`${this.pipeline.url}/metrics`)).text()
    const name = 'millrace_enricher_data_reloads_total'
    const line = new RegExp(`^${name}\\{[^}]*outcome="${outcome}"[^}]*\\} (\\d+)`, 'm')
    return Number(line.exec(metrics)?.[1] ?? 0)
  }
}

/** @returns the options that name it */
async function writeData(directory: string): Promise<Record<string, string>> {
  const file = (name: string): string => join(directory, name)
  await copyFile(referencePath(reference.city), file('city.mmdb'))
  await writeFile(file('threats.txt'), '# of our own\n89.160.20.240/29 ; SBL1\nAS35908 # hosts\n')
  await writeFile(file('relays.csv'), '2001:218:1::/48,JP,,Tokyo,\n')
  for (const name of ['threats.txt', 'relays.csv']) {
    await utimes(file(name), listsChangedAt, listsChangedAt)
  }
  await writeFile(file('sites.json'), JSON.stringify(sites))
  return {
    SITES_FILE: file('sites.json'),
    GEO_CITY_DB: file('city.mmdb'),
    GEO_ASN_DB: referencePath(reference.asn),
    GEO_ANONYMOUS_DB: referencePath(reference.anonymous),
    IP_CLASS_LISTS: `threat=${file('threats.txt')},relay=${file('relays.csv')}`,
    REFERRER_SPAM_FILE: referencePath(reference.spam),
    SELF_TEST_TOKEN: selfTestToken,
  }
}

const pageOf = (line: string): string => line.split('|', 1)[0] ?? ''

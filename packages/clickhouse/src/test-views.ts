import { afterAll, beforeAll } from 'vitest'
import { eventsTable, type EventRow } from './index.ts'
import { openTestDatabase, typedEventRows, type TestDatabase, type TypedEvent } from './testing.ts'

/** A database for the tests of one file, to store events in and to ask its typed views. */
export function useViews(startEngine: Parameters<typeof openTestDatabase>[0]) {
  let database: TestDatabase | undefined
  let offsets = 0
  let sites = 0
  const opened = (): TestDatabase => {
    if (database === undefined) throw new Error('the database is not there yet')
    return database
  }
  beforeAll(async () => {
    database = await openTestDatabase(startEngine)
  })
  afterAll(() => database?.close())
  return {
    opened,
    /** Stores events of one protocol on a site of their own, in this order. @returns the site */
    stored: async (protocol: EventRow['protocol'], events: readonly TypedEvent[]): Promise<string> => {
      const site = `views-${++sites}.example`
      const rows = typedEventRows({ site, protocol, firstOffset: offsets }, events)
      offsets += rows.length
      await opened().store.insert({ table: eventsTable, rows, token: site })
      return site
    },
    rowsOf: (view: string, site: string, columns = '*', tail = '') =>
      opened().store.query<Record<string, unknown>>(
        `SELECT ${columns} FROM ${view} WHERE site = {site:String} ${tail}`,
        { site },
      ),
  }
}

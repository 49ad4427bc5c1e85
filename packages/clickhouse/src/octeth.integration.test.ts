import { randomBytes } from 'node:crypto'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventsTable, type EventRow, type Store } from './index.ts'
import { anEventRow, openTestDatabase, type TestDatabase } from './testing.ts'

let database: TestDatabase
let store: Store

beforeAll(async () => {
  database = await openTestDatabase(startEmbeddedClickHouse)
  store = database.store
})

afterAll(() => database.close())

/** SHA-256 of jane@example.com. */
const jane = '8c87b489ce35cf2e2f39f80e282cb2e804932a56a213983eeeb428407d43b52d'

async function insert(rows: readonly EventRow[], token = randomBytes(8).toString('hex')): Promise<void> {
  await store.insert({ table: eventsTable, rows, token })
}

let sites = 0
const freshSite = (): string => `octeth-${String(++sites)}.example`

function anOctethRow(changes: Partial<EventRow> & { readonly own?: Record<string, string> } = {}): EventRow {
  const { own, props = [], ...rest } = changes
  const fields = { ListID: '94', email: jane, ...own }
  return anEventRow({ protocol: 'octeth', ...rest, props: [...Object.entries(fields), ...props] })
}

const properties = (site: string) =>
  store.query<{ event: string; property: string; list_id: string }>(
    'SELECT list_id, event, property FROM octeth_properties WHERE site = {site:String} GROUP BY ALL ORDER BY ALL',
    { site },
  )

describe('the properties of Octeth lists', () => {
  it('are the names that clients sent, by list and by the name of the event as sent', async () => {
    const site = freshSite()
    await insert([
      anOctethRow({ site, own: { Event: 'pageView', ID: 'u' }, props: [['$host', 'h']] }),
      anOctethRow({ site, name: 'test', own: { ListID: '3' }, props: [['Properties.email', 'x']] }),
      anOctethRow({ site, name: 'test', props: [['IdentifyProperties.firstName', 'x']] }),
      anEventRow({ site, protocol: 'plausible', name: 'other', props: [['a', 'b']] }),
    ])
    expect(await properties(site)).toEqual([
      { list_id: '3', event: 'test', property: 'email' },
      { list_id: '94', event: 'pageView', property: '$host' },
      { list_id: '94', event: 'test', property: '' },
    ])
  })

  it('count an insert that is repeated once', async () => {
    const site = freshSite()
    const rows = [anOctethRow({ site, name: 'test', props: [['a', '1']] })]
    await insert(rows, 'repeated')
    await insert(rows, 'repeated')
    const counts = 'SELECT sum(events) AS n FROM octeth_properties WHERE site = {site:String}'
    expect(await store.query(counts, { site })).toEqual([{ n: '1' }])
  })
})

describe('the subscribers of Octeth lists', () => {
  it.each([
    ['by the hash', jane],
    ['in clear', ' Jane@Example.com '],
  ])('are known by their hash, with the email stored %s', async (_, email) => {
    const site = freshSite()
    await insert([anOctethRow({ site, own: { email } }), anOctethRow({ site, own: { email, ListID: '7' } })])
    const found = await store.query(
      'SELECT list_id, lower(hex(email_hash)) AS hash FROM octeth_subscribers WHERE site = {site:String} GROUP BY ALL ORDER BY ALL',
      { site },
    )
    expect(found).toEqual([
      { list_id: '7', hash: jane },
      { list_id: '94', hash: jane },
    ])
  })
})

describe('octeth_events', () => {
  it('has typed columns, and the properties under the names they were sent with', async () => {
    const site = freshSite()
    await insert([
      anOctethRow({
        site,
        name: 'conversion',
        own: { ID: 'user-1' },
        props: [
          ['Conversion-Id', 'o1'],
          ['conversion-name', 'purchase'],
          ['conversion-value', '290.50'],
          ['Properties.ID', 'mine'],
        ],
      }),
    ])
    const columns =
      'list_id, event, external_id, email, conversion_id, conversion_name, conversion_value, properties'
    expect(await store.query(`SELECT ${columns} FROM octeth_events WHERE site = '${site}'`)).toEqual([
      {
        list_id: '94',
        event: 'conversion',
        external_id: 'user-1',
        email: jane,
        conversion_id: 'o1',
        conversion_name: 'purchase',
        conversion_value: '290.5',
        properties: {
          'Conversion-Id': 'o1',
          'conversion-name': 'purchase',
          'conversion-value': '290.50',
          ID: 'mine',
        },
      },
    ])
  })

  it.each([
    [3, 1_200_456, '00000000-0125-8148-8000-000000000003'],
    [0, 0, '00000000-0000-8000-8000-000000000000'],
    [65_535, 2 ** 53 - 1, '01ffffff-ffff-8fff-8000-00000000ffff'],
  ])('names the place %d-%d %s', async (kafkaPartition, rawOffset, uuid) => {
    const site = freshSite()
    await insert([anOctethRow({ site, kafkaPartition, rawOffset, kafkaOffset: 5 })])
    const asked = `SELECT uuid FROM octeth_events WHERE site = '${site}'`
    expect(await store.query(asked)).toEqual([{ uuid }])
    expect(await store.query(byPlace(site, uuid))).toEqual([{ raw_offset: String(rawOffset) }])
  })

  it.each([
    ['13F8E79A-f063-4b80-10e4-b65a699a2f56', '13f8e79a-f063-4b80-10e4-b65a699a2f56'],
    ['order-1', '00000000-0000-8009-8000-000000000000'],
  ])('names the event that a client calls %s %s', async (clientEventId, uuid) => {
    const site = freshSite()
    await insert([anOctethRow({ site, clientEventId, rawOffset: 9 })])
    expect(await store.query(`SELECT uuid FROM octeth_events WHERE site = '${site}'`)).toEqual([{ uuid }])
  })
})

/** The way from a uuid to its row, as the migration's comment has it. */
function byPlace(site: string, uuid: string): string {
  return `WITH lower(replaceAll('${uuid}', '-', '')) AS digits
    SELECT raw_offset FROM octeth_events WHERE site = '${site}'
      AND raw_offset = reinterpretAsUInt64(reverse(unhex(concat('0', substring(digits, 1, 12), substring(digits, 14, 3)))))
      AND kafka_partition = reinterpretAsUInt16(reverse(unhex(substring(digits, 29, 4))))`
}

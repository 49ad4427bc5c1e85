import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { describe, expect, it } from 'vitest'
import type { EventRow } from './index.ts'
import { useViews } from './test-views.ts'
import type { TypedEvent } from './testing.ts'

const { rowsOf, stored } = useViews(startEmbeddedClickHouse)

const noon = Date.UTC(2026, 10, 21, 12) / 1000
type Props = Readonly<Record<string, string>>

describe('a page', () => {
  it('has host and path for its URL where that is not kept', async () => {
    const place = { hostname: 'e.com', pathname: '/a', title: 'A' }
    const site = await stored('kameleoon', [
      ['pageview', {}, place],
      ['pageview', { href: 'https://e.com/a?b=c' }, place],
    ])
    expect(await rowsOf('kameleoon_pages', site, 'href, title', 'ORDER BY raw_offset')).toEqual([
      { href: 'e.com/a', title: 'A' },
      { href: 'https://e.com/a?b=c', title: 'A' },
    ])
  })
})

describe('conversions', () => {
  const bought = { goalId: '2', revenue: '24.5' }
  const sums = async (steps: readonly Props[]) => {
    const site = await stored(
      'kameleoon',
      steps.map((props) => ['conversion', props] as const),
    )
    return await rowsOf('kameleoon_conversions', site, 'sum(count) AS conversions, sum(revenue) AS revenue')
  }

  it('add up to what is left when some are taken back', async () => {
    const left = await sums([bought, { goalId: '2', revenue: '10' }, { ...bought, negative: 'true' }])
    expect(left).toEqual([{ conversions: '1', revenue: 10 }])
  })

  it('are taken back in any order', async () => {
    expect(await sums([{ ...bought, negative: 'true' }])).toEqual([{ conversions: '-1', revenue: -24.5 }])
    expect(await sums([{ ...bought, negative: 'true' }, bought])).toEqual([{ conversions: '0', revenue: 0 }])
  })

  it('count without revenue', async () => {
    expect(await sums([{ goalId: '2' }, { goalId: '2', revenue: 'nan' }])).toEqual([
      { conversions: '2', revenue: null },
    ])
  })
})

describe('custom data', () => {
  const said = (
    counts: Readonly<Record<string, number>>,
    more: Props = {},
    changes: Partial<EventRow> = {},
  ): TypedEvent => ['customData', { index: '1', valuesCountMap: JSON.stringify(counts), ...more }, changes]
  const merging = { overwrite: 'false' }

  it.each<[string, readonly TypedEvent[], Record<string, string>]>([
    ['the last that overwrites', [said({ a: 1 }), said({ b: 2 })], { b: '2' }],
    [
      'what overwrites and what is merged after it',
      [said({ a: 9 }), said({ a: 1 }), said({ a: 2, b: 1 }, merging)],
      { a: '3', b: '1' },
    ],
    [
      'all that is merged where nothing overwrites',
      [said({ a: 1 }, merging), said({ a: 2 }, merging)],
      { a: '3' },
    ],
    ['a count of 0', [said({ a: 1 }), said({ a: -1, b: 0 }, merging)], { a: '0', b: '0' }],
    ['nothing after nothing overwrites', [said({ a: 1 }), said({})], {}],
    [
      'more than an Int32 holds',
      [said({ a: 2_147_483_647 }), said({ a: 2_147_483_647 }, merging)],
      { a: '4294967294' },
    ],
    [
      'the order of the log, not that of time',
      [said({ a: 1 }, {}, { timestamp: noon + 60 }), said({ b: 1 }, {}, { timestamp: noon })],
      { b: '1' },
    ],
    [
      'what is an object of counts',
      [
        said({ a: 1 }),
        ['customData', { index: '1', valuesCountMap: 'x' }],
        ['customData', { index: 'x', valuesCountMap: '{"b":1}' }],
      ],
      { a: '1' },
    ],
  ])('of a visitor is %s', async (_title, steps, values) => {
    const site = await stored('kameleoon', steps)
    expect(await rowsOf('kameleoon_visitor_custom_data', site, 'visitor_id, `index`, values')).toEqual([
      { visitor_id: 'v1', index: 1, values },
    ])
  })

  it('is kept apart by visitor and index, whatever block it came in', async () => {
    const site = await stored('kameleoon', [
      said({ a: 1 }),
      said({ b: 1 }, { index: '2' }),
      said({ c: 1 }, {}, { visitorId: 'v2' }),
    ])
    const later = said({ a: 1 }, merging, { site })
    await stored('kameleoon', [later])
    const columns = 'visitor_id, `index`, values'
    expect(
      await rowsOf('kameleoon_visitor_custom_data', site, columns, 'ORDER BY visitor_id, `index`'),
    ).toEqual([
      { visitor_id: 'v1', index: 1, values: { a: '2' } },
      { visitor_id: 'v1', index: 2, values: { b: '1' } },
      { visitor_id: 'v2', index: 1, values: { c: '1' } },
    ])
  })

  it("maps visitors to the site's own ids", async () => {
    const mapping = { mappingIdentifier: 'true' }
    const site = await stored('kameleoon', [
      said({ 'customer-1': 1 }, mapping),
      said({ 'customer-1': 1 }, mapping, { timestamp: noon + 60 }),
      said({ 'customer-1': 1 }, mapping, { visitorId: 'v2' }),
      said({ plan: 1 }),
    ])
    const columns = 'visitor_id, `index`, mapping_value, first_seen, last_seen, events'
    const seen = { index: 1, mapping_value: 'customer-1', first_seen: '2026-11-21 12:00:00' }
    expect(await rowsOf('kameleoon_identities', site, columns, 'ORDER BY visitor_id')).toEqual([
      { ...seen, visitor_id: 'v1', last_seen: '2026-11-21 12:01:00', events: '2' },
      { ...seen, visitor_id: 'v2', last_seen: '2026-11-21 12:00:00', events: '1' },
    ])
  })
})

describe('Octeth', () => {
  const subscriber = { ListID: '94', email: 'hash', ID: 'user-1' }

  it('conversions have their three properties, in whatever case they came', async () => {
    const sent = { 'Conversion-ID': 'o-1', 'conversion-name': 'purchase', 'CONVERSION-VALUE': '290.50' }
    const site = await stored('octeth', [
      ['conversion', { ...subscriber, ...sent }, { currency: 'EUR', revenue: '290.5' }],
      ['identify', subscriber],
    ])
    const columns = 'list_id, external_id, email, conversion_id, conversion_name, conversion_value, currency'
    expect(await rowsOf('octeth_conversions', site, columns)).toEqual([
      {
        ...{ list_id: '94', external_id: 'user-1', email: 'hash' },
        ...{ conversion_id: 'o-1', conversion_name: 'purchase', conversion_value: '290.5', currency: 'EUR' },
      },
    ])
  })

  it('identifies have the properties as the client sent them', async () => {
    const sent = { ...subscriber, firstName: 'Ada', 'Properties.email': 'as sent' }
    const site = await stored('octeth', [
      ['identify', sent],
      ['pageview', subscriber],
    ])
    expect(await rowsOf('octeth_identifies', site, 'external_id, email, properties')).toEqual([
      { external_id: 'user-1', email: 'hash', properties: { firstName: 'Ada', email: 'as sent' } },
    ])
  })
})

describe('SuccessEve', () => {
  it('contacts have the last value of each parameter, and when they were seen', async () => {
    const site = await stored('successeve', [
      ['contact', { name: 'Ada', plan: 'free', account_uid: '1' }],
      ['pageview', { account_uid: '2' }, { timestamp: noon + 600 }],
      ['contact', { plan: 'pro' }, { timestamp: noon - 60 }],
      ['account', { account_uid: '2', seats: '3' }, { visitorId: 'account:2' }],
      ['signed_up', {}, { visitorId: 'c2' }],
    ])
    const columns = 'contact_uid, account_uid, params, first_seen, last_seen, events'
    expect(await rowsOf('successeve_contacts', site, columns, 'ORDER BY contact_uid DESC')).toEqual([
      {
        ...{ contact_uid: 'v1', account_uid: '2', events: '3' },
        params: { name: 'Ada', plan: 'pro', account_uid: '1' },
        ...{ first_seen: '2026-11-21 11:59:00', last_seen: '2026-11-21 12:10:00' },
      },
      {
        ...{ contact_uid: 'c2', account_uid: '', events: '1', params: {} },
        ...{ first_seen: '2026-11-21 12:00:00', last_seen: '2026-11-21 12:00:00' },
      },
    ])
  })

  it('accounts have theirs, and their contacts', async () => {
    const site = await stored('successeve', [
      ['account', { account_uid: '7', name: 'Acme', seats: '3' }, { visitorId: 'account:7' }],
      ['account', { account_uid: '7', seats: '4' }, { visitorId: 'c1' }],
      ['pageview', { account_uid: '7' }, { visitorId: 'c2', timestamp: noon + 60 }],
      ['pageview', {}, { visitorId: 'c3' }],
    ])
    expect(await rowsOf('successeve_accounts', site)).toEqual([
      {
        ...{ site, account_uid: '7', params: { name: 'Acme', seats: '4' }, contacts: '2', events: '3' },
        ...{ first_seen: '2026-11-21 12:00:00', last_seen: '2026-11-21 12:01:00' },
      },
    ])
  })
})

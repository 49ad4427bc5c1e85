import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { describe, expect, it } from 'vitest'
import { useViews } from './test-views.ts'

const { opened, rowsOf, stored } = useViews(startEmbeddedClickHouse)

/** View, event name, and each documented parameter: name, type as documented, column, text, typed value. */
const documented: readonly (readonly [
  string,
  string,
  readonly (readonly [string, string, string, string, unknown])[],
])[] = [
  [
    'kameleoon_static_data',
    'staticData',
    [
      ['visitNumber', 'int32', 'visit_number', '3', 3],
      [
        'timeSincePreviousVisit',
        'int64',
        'time_since_previous_visit',
        '9007199254740993',
        '9007199254740993',
      ],
      ['browser', 'text', 'browser', 'Safari', 'Safari'],
      ['browserIndex', 'int32', 'browser_index', '0', 0],
      ['browserVersion', 'float64', 'browser_version', '16.3', 16.3],
      ['os', 'text', 'os', 'Windows', 'Windows'],
      ['osIndex', 'int32', 'os_index', '-1', -1],
      ['screenWidth', 'int32', 'screen_width', '1920', 1920],
      ['screenHeight', 'int32', 'screen_height', '1080', 1080],
      ['localeLanguageTag', 'text', 'locale_language_tag', 'fr', 'fr'],
      ['deviceType', 'text', 'device_type', 'PHONE', 'PHONE'],
    ],
  ],
  [
    'kameleoon_pages',
    'pageview',
    [
      ['canonicalHref', 'text', 'canonical_href', 'https://e.com/', 'https://e.com/'],
      ['keyPageIndices', 'int32s', 'key_page_indices', '[0,2]', [0, 2]],
      ['referrerHref', 'text', 'referrer_href', 'https://n.org/', 'https://n.org/'],
      ['referrerIndices', 'int32s', 'referrer_indices', '[1]', [1]],
    ],
  ],
  [
    'kameleoon_conversions',
    'conversion',
    [
      ['goalId', 'int64', 'goal_id', '2', '2'],
      ['revenue', 'float64', 'revenue', '24.99', 24.99],
      ['negative', 'boolean', 'negative', 'false', false],
      ['metadata', 'metadata', 'metadata', '{"0":["blue","large"],"7":[]}', { 0: ['blue', 'large'], 7: [] }],
    ],
  ],
  ['kameleoon_targeting_segments', 'targetingSegment', [['id', 'int64', 'id', '7', '7']]],
  [
    'kameleoon_experiments',
    'experiment',
    [
      ['id', 'int64', 'id', '99001', '99001'],
      ['variationId', 'int64', 'variation_id', '0', '0'],
    ],
  ],
  [
    'kameleoon_personalizations',
    'personalization',
    [
      ['id', 'int64', 'id', '310', '310'],
      ['variationId', 'int64', 'variation_id', '0', '0'],
      ['unexpositionCause', 'text', 'unexposition_cause', 'SCHEDULE', 'SCHEDULE'],
    ],
  ],
  [
    'kameleoon_weather',
    'weather',
    [
      ['temperature', 'float64', 'temperature', '291.2', 291.2],
      ['humidity', 'float64', 'humidity', '60', 60],
      ['pressure', 'float64', 'pressure', '1013.25', 1013.25],
      ['windSpeed', 'float64', 'wind_speed', '3.6', 3.6],
      ['cloudiness', 'float64', 'cloudiness', '020', 20],
      ['sunriseTime', 'int64', 'sunrise_time', '1763708400000', '1763708400000'],
      ['sunsetTime', 'int64', 'sunset_time', '1763740800000', '1763740800000'],
      ['weatherCode', 'text', 'weather_code', 'Sky is Clear', 'Sky is Clear'],
    ],
  ],
  [
    'kameleoon_custom_data',
    'customData',
    [
      ['index', 'int32', 'index', '4', 4],
      ['mappingIdentifier', 'boolean', 'mapping_identifier', 'true', true],
      ['valuesCountMap', 'counts', 'values_count_map', '{"premium":1,"a\\"b":-2}', { premium: 1, 'a"b': -2 }],
      ['overwrite', 'boolean', 'overwrite', 'false', false],
    ],
  ],
  ['kameleoon_products', 'product', [['ean', 'text', 'ean', '4006381333931', '4006381333931']]],
  [
    'kameleoon_geolocations',
    'geolocation',
    [
      ['country', 'text', 'country', 'France', 'France'],
      ['region', 'text', 'region', 'Ile-de-France', 'Ile-de-France'],
      ['city', 'text', 'city', 'Paris', 'Paris'],
      ['postalCode', 'text', 'postal_code', '75008', '75008'],
      ['latitude', 'float64', 'latitude', '48.8738', 48.8738],
      ['longitude', 'float64', 'longitude', '-2.295', -2.295],
    ],
  ],
]

/** Type of the column, and what stands there without a value. */
const types = new Map<string, readonly [string, unknown]>([
  ['int32', ['Nullable(Int32)', null]],
  ['int64', ['Nullable(Int64)', null]],
  ['float64', ['Nullable(Float64)', null]],
  ['text', ['Nullable(String)', null]],
  ['boolean', ['Bool', false]],
  ['int32s', ['Array(Int32)', []]],
  ['metadata', ['Map(Int32, Array(String))', {}]],
  ['counts', ['Map(String, Int32)', {}]],
])

const views = [
  ...documented.map(([view]) => view),
  'kameleoon_visitor_custom_data',
  'kameleoon_identities',
  'octeth_conversions',
  'octeth_identifies',
  'successeve_contacts',
  'successeve_accounts',
]

describe.each(documented)('%s', (view, name, parameters) => {
  it('has each documented parameter in a column of its type', async () => {
    const props = Object.fromEntries(parameters.map(([parameter, , , text]) => [parameter, text]))
    const site = await stored('kameleoon', [[name, props, { clientEventId: 'd2ce4d22083348fb' }]])
    const columns = await opened().store.query<{ name: string; type: string }>(
      `SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = '${view}'`,
    )
    const typeOf = new Map(columns.map((column) => [column.name, column.type]))
    const [row, ...more] = await rowsOf(view, site)
    expect(more).toEqual([])
    expect(row).toMatchObject({
      site,
      visitor_id: 'v1',
      nonce: 'd2ce4d22083348fb',
      timestamp: '2026-11-21 12:00:00',
    })
    for (const [, type, column, , value] of parameters) {
      expect([column, typeOf.get(column)]).toEqual([column, types.get(type)?.[0]])
      expect([column, row?.[column]]).toEqual([column, value])
    }
  })

  it('has nothing where nothing was sent', async () => {
    const site = await stored('kameleoon', [[name, {}]])
    const [row] = await rowsOf(view, site)
    for (const [, type, column] of parameters) {
      const empty = column === 'overwrite' ? true : types.get(type)?.[1]
      expect([column, row?.[column]]).toEqual([column, empty])
    }
  })

  it('has no other events', async () => {
    const others = documented.flatMap(([, other]) => (other === name ? [] : [[other, {}] as const]))
    const site = await stored('kameleoon', others)
    const elsewhere = await stored('plausible', [[name, {}]])
    expect([...(await rowsOf(view, site)), ...(await rowsOf(view, elsewhere))]).toEqual([])
  })
})

const odd = [
  'x',
  '-',
  '1e999',
  '1,5',
  ' 1',
  'nan',
  'inf',
  '99999999999999999999',
  'null',
  '[',
  '["a",null,{}]',
  '{"a":',
  '{"a":"b","99999999999":["x"],"1":{}}',
  '[[1]]',
  '"\\ud800"',
  '\u0000',
  '\ud800',
  '"'.repeat(9),
]

it('gives null for odd numbers, and for odd texts never an error', async () => {
  for (const [view, name, parameters] of documented) {
    const site = await stored(
      'kameleoon',
      odd.map(
        (text) => [name, Object.fromEntries(parameters.map(([parameter]) => [parameter, text]))] as const,
      ),
    )
    const found = await rowsOf(view, site)
    expect(found).toHaveLength(odd.length)
    const numbers = parameters.filter(([, type]) => ['int32', 'int64', 'float64'].includes(type))
    const lists = parameters.filter(([, type]) => ['int32s', 'counts', 'metadata'].includes(type))
    for (const row of found) {
      for (const [, type, column] of numbers) {
        const isHuge = type === 'float64' && row[column] === 1e20
        expect([view, column, isHuge ? null : row[column]]).toEqual([view, column, null])
      }
      for (const [, type, column] of lists) {
        // Of a list or map, what fits stays.
        if (type === 'metadata') expect(['{}', '{"1":[]}']).toContain(JSON.stringify(row[column]))
        else expect(Object.keys(row[column] as object)).toEqual([])
      }
    }
  }
})

it('has odd properties of the other protocols, never an error', async () => {
  const names = [
    'ListID',
    'ID',
    'email',
    'conversion-id',
    'conversion-name',
    'conversion-value',
    'account_uid',
  ]
  const props = odd.map((text) => Object.fromEntries(names.map((name) => [name, text])))
  const octeth = await stored(
    'octeth',
    props.flatMap(
      (all) =>
        [
          ['conversion', all],
          ['identify', all],
        ] as const,
    ),
  )
  const successEve = await stored(
    'successeve',
    props.flatMap(
      (all) =>
        [
          ['contact', all],
          ['account', all],
        ] as const,
    ),
  )
  for (const view of ['octeth_conversions', 'octeth_identifies']) {
    expect(await rowsOf(view, octeth)).toHaveLength(odd.length)
  }
  for (const view of ['successeve_contacts', 'successeve_accounts']) {
    expect((await rowsOf(view, successEve)).length).toBeGreaterThan(0)
  }
})

describe('every view', () => {
  it('reads no more than its site and time', async () => {
    // A site an hour over two months; the views' own events among others.
    await opened().store.command(
      `INSERT INTO events (site, name, protocol, timestamp, user_id, session_id, visitor_id, props, kafka_partition, kafka_offset)
       SELECT concat('bulk', toString(number % 40)), 'conversion', ['kameleoon', 'octeth', 'successeve'][1 + number % 3],
         toDateTime('2026-01-01 00:00:00', 'UTC') + number * 12, number, number, toString(number), map('goalId', '1'), 9, number
       FROM numbers(400000) SETTINGS max_partitions_per_insert_block = 0`,
    )
    await opened().store.command('OPTIMIZE TABLE events FINAL')
    for (const view of views) {
      const times =
        view.startsWith('successeve') || /visitor_custom|identities/.test(view) ? '' : timeCondition
      const plan = await opened().store.query<{ explain: string }>(
        `EXPLAIN indexes = 1 SELECT * FROM ${view} WHERE site = 'bulk7' ${times}`,
      )
      const text = plan.map((row) => row.explain).join('\n')
      const granules = [...text.matchAll(/Granules: (\d+)\/(\d+)/g)]
      const [read, all] = [Number(granules.at(-1)?.[1]), Number(granules[0]?.[2])]
      expect([view, all > 40]).toEqual([view, true])
      expect([view, read <= (times === '' ? 8 : 2)]).toEqual([view, true])
    }
  })

  // A server has users of its own.
  it.skipIf((process.env.CLICKHOUSE_URL ?? '') !== '')('can be asked by the read-only user', async () => {
    for (const view of views) {
      const search = new URLSearchParams({ user: 'readonly', database: opened().options.database })
      const ask = { method: 'POST', body: `SELECT * FROM ${view} LIMIT 3 FORMAT JSONEachRow` }
      const answer = await fetch(`${opened().options.url}/?${search.toString()}`, ask)
      expect([view, answer.status, answer.status === 200 ? '' : await answer.text()]).toEqual([view, 200, ''])
    }
  })
})

const timeCondition = "AND timestamp >= '2026-02-01 00:00:00' AND timestamp < '2026-02-02 00:00:00'"

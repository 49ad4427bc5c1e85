import { describe, expect, test } from 'vitest'
import { autonomousSystemOf, nowhere, placeOf } from './geo-record.ts'

test('reads a nested record', () => {
  const record = {
    country: { iso_code: 'GB' },
    registered_country: { iso_code: 'FR' },
    subdivisions: [{ iso_code: 'ENG' }, { iso_code: 'WBK' }, { iso_code: 'X' }],
    city: { geoname_id: 2655045, names: { en: 'Boxford', de: 'x' } },
  }
  expect(placeOf(record)).toEqual({
    country: 'GB',
    subdivision1: 'GB-ENG',
    subdivision2: 'GB-WBK',
    cityGeonameId: 2655045,
    city: 'Boxford',
  })
})

test.each([
  [
    { country_code: 'US', state1: 'California', city: 'Los Angeles (Downtown Los Angeles)' },
    'US',
    'Los Angeles',
  ],
  [{ country_code: 'DE', city: 'Frankfurt am Main' }, 'DE', 'Frankfurt am Main'],
  [{ country: 'FR', city: 'Paris' }, 'FR', 'Paris'],
  [{ country_code: 'FR', city: '' }, 'FR', ''],
  [{ country_code: 'FR', city: '(Paris)' }, 'FR', '(Paris)'],
])('reads the flat record %j', (record, country, city) => {
  expect(placeOf(record)).toEqual({ ...nowhere, country, city })
})

test.each([
  ['ZZ', { country_code: 'ZZ', city: 'x' }],
  ['XX', { country: { iso_code: 'XX' }, city: { geoname_id: 1 } }],
  ['T1', { country_code: 'T1' }],
  ['no country', { city: { geoname_id: 1, names: { en: 'x' } } }],
  ['no country, flat', { city: 'x' }],
  ['a registered country alone', { registered_country: { iso_code: 'FR' } }],
  ['an empty record', {}],
  ['no record', undefined],
  ['null', null],
  ['a list', []],
  ['a country that is no code', { country_code: 'France' }],
])('%s means nothing at all (5.3)', (_, record) => {
  expect(placeOf(record)).toEqual(nowhere)
})

test.each([
  [2870912, 2950159, 'Berlin'],
  [5950267, 6167865, 'Toronto'],
  [6690595, 2643743, 'London'],
])('folds district %i into city %i (5.3)', (geonameId, cityGeonameId, city) => {
  const record = { country: { iso_code: 'DE' }, city: { geoname_id: geonameId, names: { en: 'x' } } }
  expect(placeOf(record)).toMatchObject({ cityGeonameId, city })
})

describe('an autonomous system', () => {
  test.each([
    [{ autonomous_system_number: 1221, autonomous_system_organization: 'Telstra' }, 1221, 'Telstra'],
    [{ autonomous_system_number: 7018 }, 7018, ''],
    [{ asn: 'AS15169', as_name: 'Google LLC' }, 15169, 'Google LLC'],
    [{ asn: 'ASx' }, 0, ''],
    [undefined, 0, ''],
  ])('is read from %j', (record, asn, organization) => {
    expect(autonomousSystemOf(record)).toEqual({ asn, organization })
  })
})

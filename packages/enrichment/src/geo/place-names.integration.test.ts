/** Reads the packages' real names. */
import { beforeAll, describe, expect, test } from 'vitest'
import { nowhere, placeOf, type PlaceNames } from './geo-record.ts'
import { openPlaceNames } from './place-names.ts'

let names: PlaceNames
beforeAll(async () => {
  names = await openPlaceNames()
})

describe('a subdivision by its name', () => {
  test.each([
    ['US', 'California', 'US-CA'],
    ['FR', 'Ile-de-France', 'FR-IDF'],
    ['FR', 'Île-de-France', 'FR-IDF'],
    ['DE', 'State of Berlin', 'DE-BE'],
    ['DE', 'Baden-Württemberg', 'DE-BW'],
    ['GB', 'England', 'GB-ENG'],
    ['RU', 'Moscow', 'RU-MOW'],
    ['RU', 'Moscow Oblast', 'RU-MOS'],
    ['MX', 'Mexico City', 'MX-CMX'],
    ['RU', 'Altay Kray', 'RU-ALT'],
    ['UA', 'Kyiv City', 'UA-30'],
    ['JP', 'Tokyo', 'JP-13'],
    ['VN', 'Ho Chi Minh City (HCMC)', 'VN-SG'],
    ['CZ', 'Olomouc Region', 'CZ-71'],
    ['CZ', 'Plzen Region', 'CZ-32'],
    ['IR', 'Tehran', 'IR-23'],
    ['IR', 'Isfahan', 'IR-10'],
    ['IR', 'Kurdistan Province', 'IR-12'],
    ['AR', 'Buenos Aires', 'AR-B'],
    ['AR', 'Buenos Aires F.D.', 'AR-C'],
    ['GB', 'England', 'GB-ENG'],
    ['DO', 'Santo Domingo Province', 'DO-32'],
    ['TW', 'Taiwan', ''],
    ['FR', 'California', ''],
    ['XX', 'California', ''],
    ['US', '', ''],
    ['US', '???', ''],
  ])('%s %s is %j', (country, name, code) => {
    expect(names.subdivision(country, name)).toBe(code)
  })
})

describe('a city by its name and position', () => {
  test.each([
    ['FR', 'Paris', 48.85, 2.35, 2988507, 'Paris'],
    ['US', 'Paris', 33.66, -95.55, 4717560, 'Paris'],
    ['US', 'New York', 40.71, -74.0, 5128581, 'New York'],
    ['BR', 'Sao Paulo', -23.55, -46.63, 3448439, 'Sao Paulo'],
    ['PL', 'Krakow', 50.06, 19.94, 3094802, 'Krakow'],
    ['DE', 'Nuremberg', 49.45, 11.07, 2861650, 'Nuremberg'],
    ['RU', 'St Petersburg', 59.93, 30.36, 498817, 'St Petersburg'],
    ['JP', 'Chiyoda City', 35.69, 139.77, 1850147, 'Tokyo'],
    ['JP', 'Minato-ku', 35.66, 139.75, 1850147, 'Tokyo'],
    ['DE', 'Neukoelln', 52.48, 13.43, undefined, undefined],
    ['DE', 'Neukölln', 52.48, 13.43, 2950159, 'Berlin'],
    ['FR', 'Paris', 45.0, 5.0, undefined, undefined],
    ['FR', 'Paris', NaN, NaN, undefined, undefined],
    ['FR', 'Nowhere-sur-Mer', 48.85, 2.35, undefined, undefined],
  ])('%s %s at %d, %d is %s', (...row) => {
    const [country, name, latitude, longitude, geonameId, city] = row
    const found = names.city(country, name, { latitude, longitude })
    expect(found).toEqual(geonameId === undefined ? undefined : { geonameId, city })
  })
})

test.each([
  [6545310, 'Mitte', 2950159, 'Berlin'],
  [11048317, 'Sector 1', 683506, 'Bucharest'],
  [2870912, 'x', 2950159, 'Berlin'],
  [6091104, 'North York', 6167865, 'Toronto'],
  [5110302, 'Brooklyn', 5110302, 'Brooklyn'],
  [2694762, 'Linköping', 2694762, 'Linköping'],
])('of a nested record, %i (%s) is stored as %i %s', (geonameId, name, cityGeonameId, city) => {
  const record = { country: { iso_code: 'DE' }, city: { geoname_id: geonameId, names: { en: name } } }
  expect(placeOf(record, names)).toMatchObject({ cityGeonameId, city })
})

test.each([
  [
    'ip-location-db',
    {
      country_code: 'US',
      state1: 'California',
      state2: '',
      city: 'Los Angeles (Downtown)',
      latitude: '34.05',
      longitude: '-118.24',
    },
    { country: 'US', subdivision1: 'US-CA', cityGeonameId: 5368361, city: 'Los Angeles' },
  ],
  [
    'IPinfo',
    { country: 'DE', region: 'Bavaria', region_code: 'BY', city: 'Munich', lat: '48.14', lng: '11.58' },
    { country: 'DE', subdivision1: 'DE-BY', cityGeonameId: 2867714, city: 'Munich' },
  ],
  ['a country alone', { country_code: 'FR' }, { country: 'FR' }],
  ['a city nobody knows', { country_code: 'FR', city: 'X' }, { country: 'FR', city: 'X' }],
])('reads a flat record of %s', (_, record, place) => {
  expect(placeOf(record, names)).toEqual({ ...nowhere, ...place })
})

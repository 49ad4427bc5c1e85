import {
  decodeEnrichedRecord,
  encodeEnrichedRecord,
  type EnrichedEvent,
  type Overrides,
} from '@millrace/events'
import { anEnrichedEvent } from '@millrace/events/testing'
import { describe, expect, it } from 'vitest'
import { overridden } from './overridden.ts'

/** In London, with Chrome 140.0 on Linux 6.1. */
const event = anEnrichedEvent({ os: 'GNU/Linux', osVersion: '6.1', subdivision2: 'GB-LND' })
const place = ['country', 'subdivision1', 'subdivision2', 'cityGeonameId', 'city']
const nowhere = { subdivision1: '', subdivision2: '', cityGeonameId: 0, city: '' }

type Case = readonly [
  title: string,
  overrides: Overrides,
  columns: Partial<EnrichedEvent>,
  names: readonly string[],
]

describe('a place', () => {
  it.each<Case>([
    ['a country resets region and city', { country: 'FR' }, { country: 'FR', ...nowhere }, place],
    ['a country may be named', { country: 'France' }, { country: 'FR', ...nowhere }, place],
    [
      'a region of the country goes with it',
      { country: 'France', region: 'fr-idf', city: ' Paris ' },
      { country: 'FR', ...nowhere, subdivision1: 'FR-IDF', city: 'Paris' },
      place,
    ],
    [
      'a region by name is no column',
      { country: 'FR', region: 'Bretagne', city: 'Rennes' },
      { country: 'FR', ...nowhere, city: 'Rennes' },
      place,
    ],
    [
      'a region of another country is none',
      { country: 'FR', region: 'DE-BY' },
      { country: 'FR', ...nowhere },
      place,
    ],
    [
      "a region's code tells its country",
      { region: 'US-CA' },
      { country: 'US', ...nowhere, subdivision1: 'US-CA' },
      place,
    ],
    ['a region by name alone resets what is within a region', { region: 'Wales' }, nowhere, place.slice(1)],
    ['a code of no country is a name', { region: 'ZZ-1' }, nowhere, place.slice(1)],
    ['a city has no id', { city: 'Leeds' }, { cityGeonameId: 0, city: 'Leeds' }, place.slice(3)],
    [
      'a country that is unknown sets nothing',
      { country: 'Atlantis', city: 'Poseidonis' },
      { cityGeonameId: 0, city: 'Poseidonis' },
      place.slice(3),
    ],
  ])('%s', (_title, overrides, columns, names) => {
    expect(overridden(event, overrides)).toEqual({ ...event, ...columns, overrides: names })
  })
})

describe('a device', () => {
  it.each<Case>([
    [
      'a browser and its version replace both',
      { browser: 'Safari', browserVersion: '16.3' },
      { browser: 'Safari', browserVersion: '16.3' },
      ['browser', 'browserVersion'],
    ],
    [
      'another browser has no version of the old one',
      { browser: 'Firefox' },
      { browser: 'Firefox', browserVersion: '' },
      ['browser', 'browserVersion'],
    ],
    [
      'the same browser keeps its version',
      { browser: 'CHROME' },
      { browser: 'Chrome', browserVersion: '140.0' },
      ['browser', 'browserVersion'],
    ],
    [
      'a version alone replaces the version',
      { browserVersion: '141.0.7390.55' },
      { browserVersion: '141.0' },
      ['browserVersion'],
    ],
    [
      'another system has no version of the old one',
      { os: 'Windows' },
      { os: 'Windows', osVersion: '' },
      ['os', 'osVersion'],
    ],
    [
      'the same system keeps its version',
      { os: 'Linux' },
      { os: 'GNU/Linux', osVersion: '6.1' },
      ['os', 'osVersion'],
    ],
    [
      'names are those of user agents',
      { os: 'macOS', browser: 'Edge' },
      { os: 'Mac', osVersion: '', browser: 'Microsoft Edge', browserVersion: '' },
      ['browser', 'browserVersion', 'os', 'osVersion'],
    ],
    [
      'a name that is unknown stays as it is',
      { browser: 'Lynx 2' },
      { browser: 'Lynx 2', browserVersion: '' },
      ['browser', 'browserVersion'],
    ],
    ['a class of device', { device: 'Tablet' }, { device: 'Tablet' }, ['device']],
    ['a language', { language: 'fr-CA' }, { language: 'fr-CA' }, ['language']],
  ])('%s', (_title, overrides, columns, names) => {
    expect(overridden(event, overrides)).toEqual({ ...event, ...columns, overrides: names })
  })
})

it.each<Overrides>([
  {},
  { country: '', region: ' ', city: '', browser: '', browserVersion: '', os: '', device: '', language: '' },
  { country: 'Atlantis', device: 'PHONE' },
])('%j sets nothing', (overrides) => {
  expect(overridden(event, overrides)).toBe(event)
})

it('gives what an enriched record holds', () => {
  const changed = overridden(event, {
    country: 'FR',
    browser: 'Safari',
    os: 'iOS',
    device: 'Mobile',
    language: 'fr',
  })
  expect(decodeEnrichedRecord(encodeEnrichedRecord(changed))).toEqual(changed)
})

import { describe, expect, test } from 'vitest'
import { acquisition, type Acquisition } from './acquisition.ts'

const google = 'https://www.google.com/search/?q=x'
const read = (query: string, referrer = '') => acquisition({ hostname: 'example.com', query, referrer })

const nothing: Acquisition = {
  referrer: '',
  source: '',
  channel: 'Direct',
  utmSource: '',
  utmMedium: '',
  utmCampaign: '',
  utmContent: '',
  utmTerm: '',
  clickIdParam: '',
}

test('4.5 a visit without anything is direct', () => {
  expect(read('')).toEqual(nothing)
})

test('4.4 a campaign link gives all its tags as they are', () => {
  expect(
    read(
      'utm_source=FB&utm_medium=Paid&utm_campaign=Spring+Sale&utm_content=c%31&utm_term=t&fbclid=x',
      google,
    ),
  ).toEqual({
    referrer: 'google.com/search',
    source: 'Facebook',
    channel: 'Paid Social',
    utmSource: 'FB',
    utmMedium: 'Paid',
    utmCampaign: 'Spring Sale',
    utmContent: 'c1',
    utmTerm: 't',
    clickIdParam: 'fbclid',
  })
})

describe('4.3.1 the first tag that is present decides the source', () => {
  test.each([
    ['utm_source before source and ref', 'ref=c&source=b&utm_source=a', 'a'],
    ['source before ref', 'ref=c&source=b', 'b'],
    ['ref', 'ref=c', 'c'],
    ['an empty one counts', 'utm_source=&source=b', ''],
    ['one without = counts', 'utm_source&ref=c', ''],
    ['an empty ref suppresses the referrer', 'ref=', ''],
    ['the last duplicate', 'ref=a&ref=b', 'b'],
  ])('%s: %s gives %j', (_, query, source) => {
    const result = read(query, google)
    expect([result.source, result.utmSource]).toEqual([source, source])
  })

  test('no other parameter does', () => {
    const query = 'utm_medium=x&UTM_SOURCE=a&utm_source_platform=b&referrer=c'
    expect(read(query, google)).toMatchObject({ source: 'Google', utmSource: '' })
  })

  test('4.4 the column utm_source is the raw tag, whichever key it came by', () => {
    expect(read('ref=FB')).toMatchObject({ source: 'Facebook', utmSource: 'FB' })
    expect(read('source=%20chatgpt.com')).toMatchObject({
      source: ' chatgpt.com',
      utmSource: ' chatgpt.com',
    })
  })
})

describe('4.2 the referrer is stored', () => {
  test.each([
    ['when it decides the source', '', google, 'google.com/search'],
    ['when a tag decides the source', 'utm_source=a', google, 'google.com/search'],
    ['when an empty tag suppresses it', 'ref=', google, 'google.com/search'],
    ['not when it is no referral', 'ref=a', 'https://www.example.com/x', ''],
  ])('%s', (_, query, referrer, column) => {
    expect(read(query, referrer).referrer).toBe(column)
  })
})

test.each([
  ["the site's own page", 'https://www.example.com/x'],
  ['localhost', 'http://localhost:3000/'],
  ['no URL', 'google.com'],
])('4.3.3 no source without a tag and a valid referral: %s', (_, referrer) => {
  expect(read('', referrer)).toEqual(nothing)
})

describe('4.4 utm_medium, utm_campaign, utm_content, utm_term', () => {
  test.each([
    ['utm_medium', 'utmMedium'],
    ['utm_campaign', 'utmCampaign'],
    ['utm_content', 'utmContent'],
    ['utm_term', 'utmTerm'],
  ] as const)('%s is raw', (parameter, column) => {
    expect(read(`${parameter}=+A%20b%2B+`)[column]).toBe(' A b+ ')
    expect(read(`${parameter}=`)[column]).toBe('')
    expect(read(`${parameter.toUpperCase()}=a`)[column]).toBe('')
  })
})

describe('4.4 click_id_param: the name of the first that is present', () => {
  test.each([
    ['twclid=1&fbclid=1&msclkid=1&wbraid=1&gbraid=1&gclid=1', 'gclid'],
    ['twclid=1&fbclid=1&msclkid=1&wbraid=1&gbraid=1', 'gbraid'],
    ['twclid=1&fbclid=1&msclkid=1&wbraid=1', 'wbraid'],
    ['twclid=1&fbclid=1&msclkid=1', 'msclkid'],
    ['twclid=1&fbclid=1', 'fbclid'],
    ['twclid=1', 'twclid'],
    ['gclid', 'gclid'],
    ['twclid=', 'twclid'],
    ['gclsrc=1&GCLID=1&ttclid=1&li_fat_id=1', ''],
    ['', ''],
  ])('%s is %j', (query, clickIdParam) => {
    expect(read(query).clickIdParam).toBe(clickIdParam)
  })

  test('its value is discarded', () => {
    expect(JSON.stringify(read('gclid=secret', google))).not.toContain('secret')
  })
})

describe('4.4 the medium that a click id stands for', () => {
  test.each([
    ['Google and gclid', 'gclid=1', google, { utmMedium: '(gclid)', channel: 'Paid Search' }],
    [
      'Google by an alias',
      'gclid=1&utm_source=adwords',
      '',
      { utmMedium: '(gclid)', channel: 'Paid Search' },
    ],
    ['Google and an empty gclid', 'gclid=', google, { utmMedium: '(gclid)', channel: 'Paid Search' }],
    [
      'an empty utm_medium is present',
      'gclid=1&utm_medium=',
      google,
      { utmMedium: '', channel: 'Paid Search' },
    ],
    [
      'a utm_medium stays',
      'gclid=1&utm_medium=organic',
      google,
      { utmMedium: 'organic', channel: 'Paid Search' },
    ],
    [
      'display stays',
      'gclid=1&utm_source=google&utm_medium=display',
      '',
      { utmMedium: 'display', channel: 'Display' },
    ],
    ['gclid without a source', 'gclid=1', '', { utmMedium: '', channel: 'Direct' }],
    ['gclid and Bing', 'gclid=1', 'https://bing.com', { utmMedium: '', channel: 'Organic Search' }],
    [
      'gclid and Google Images',
      'gclid=1',
      'https://images.google.de/',
      { utmMedium: '', channel: 'Organic Search' },
    ],
    [
      'Bing and msclkid',
      'msclkid=1',
      'https://www.bing.com/',
      { utmMedium: '(msclkid)', channel: 'Paid Search' },
    ],
    ['msclkid and Google', 'msclkid=1', google, { utmMedium: '', channel: 'Organic Search' }],
    ['gbraid', 'gbraid=1', google, { utmMedium: '', channel: 'Organic Search' }],
    ['wbraid', 'wbraid=1', google, { utmMedium: '', channel: 'Organic Search' }],
    // Channel goes by click_id_param, which is the first name; the medium by the click id itself.
    [
      'Bing with both',
      'gclid=1&msclkid=1',
      'https://bing.com',
      { utmMedium: '(msclkid)', channel: 'Organic Search' },
    ],
  ])('%s', (_, query, referrer, expected) => {
    expect(read(query, referrer)).toMatchObject(expected)
  })
})

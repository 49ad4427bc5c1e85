import { describe, expect, test } from 'vitest'
import { acquisition } from './acquisition.ts'

const google = 'https://www.google.com/search/?q=x'
const read = (query: string, referrer = '') => acquisition({ hostname: 'example.com', query, referrer })

test('a visit without anything is direct', () => {
  expect(read('')).toEqual({
    referrer: '',
    source: '',
    channel: 'Direct',
    utmSource: '',
    utmMedium: '',
    utmCampaign: '',
    utmContent: '',
    utmTerm: '',
    clickIdParam: '',
  })
})

test('a campaign link gives all its tags as they are', () => {
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

describe('which tag decides the source', () => {
  test.each([
    ['utm_source=a&source=b&ref=c', 'a'],
    ['ref=c&source=b', 'b'],
    ['ref=c', 'c'],
    ['utm_source=&source=b', ''],
    ['utm_source&ref=c', ''],
    ['ref=', ''],
  ])('%s gives %j, with the referrer stored all the same', (query, source) => {
    const result = read(query, google)
    expect([result.source, result.utmSource, result.referrer]).toEqual([source, source, 'google.com/search'])
  })

  test('without one the referrer decides', () => {
    expect(read('utm_medium=x', google)).toMatchObject({ source: 'Google', utmSource: '' })
  })

  test("a site's own page is no source", () => {
    expect(read('', 'https://www.example.com/x')).toMatchObject({
      source: '',
      referrer: '',
      channel: 'Direct',
    })
  })
})

describe('click ids', () => {
  test.each([
    ['twclid=1&fbclid=1&msclkid=1&wbraid=1&gbraid=1&gclid=1', 'gclid'],
    ['twclid=1&fbclid=1&msclkid=1&wbraid=1&gbraid=1', 'gbraid'],
    ['twclid=1&fbclid=1&msclkid=1&wbraid=1', 'wbraid'],
    ['twclid=1&fbclid=1&msclkid=1', 'msclkid'],
    ['twclid=1&fbclid=1', 'fbclid'],
    ['twclid=', 'twclid'],
    ['gclsrc=1', ''],
  ])('%s is %j', (query, clickIdParam) => {
    expect(read(query).clickIdParam).toBe(clickIdParam)
  })

  test.each([
    ['gclid=1', google, '(gclid)', 'Paid Search'],
    ['gclid=1&utm_medium=', google, '', 'Paid Search'],
    ['gclid=1&utm_medium=organic', google, 'organic', 'Paid Search'],
    ['gclid=1&utm_source=adwords', '', '(gclid)', 'Paid Search'],
    ['gclid=1&utm_source=google&utm_medium=display', '', 'display', 'Display'],
    ['gclid=1', '', '', 'Direct'],
    ['gclid=1', 'https://bing.com', '', 'Organic Search'],
    ['msclkid=1', 'https://www.bing.com/', '(msclkid)', 'Paid Search'],
    ['msclkid=1', google, '', 'Organic Search'],
    ['gbraid=1', google, '', 'Organic Search'],
  ])('%s from %j infers the medium %j and the channel %s', (query, referrer, utmMedium, channel) => {
    expect(read(query, referrer)).toMatchObject({ utmMedium, channel })
  })
})

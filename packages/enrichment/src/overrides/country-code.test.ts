import { expect, it } from 'vitest'
import { countryCode } from './country-code.ts'

it.each([
  ['FR', 'FR'],
  ['fr', 'FR'],
  [' France ', 'FR'],
  ['FRANCE', 'FR'],
  ['Germany', 'DE'],
  ['Allemagne', 'DE'],
  ['États-Unis', 'US'],
  ['United States', 'US'],
  ['United States of America', 'US'],
  ['UK', 'GB'],
  ['United Kingdom', 'GB'],
  ['Côte d’Ivoire', 'CI'],
  ["Cote d'Ivoire", 'CI'],
  ['Bosnia and Herzegovina', 'BA'],
  ['Hong Kong', 'HK'],
  ['Turkey', 'TR'],
  ['Türkiye', 'TR'],
  ['Czech Republic', 'CZ'],
  ['Kosovo', 'XK'],
  ['Georgia', 'GE'],
])('%j is %s', (text, code) => {
  expect(countryCode(text)).toBe(code)
})

it.each([
  '',
  ' ',
  'ZZ',
  'EU',
  'T1',
  'A1',
  'Atlantis',
  'European Union',
  'Unknown Region',
  'FRA1',
  '__proto__',
])('%j is no country', (text) => {
  expect(countryCode(text)).toBeUndefined()
})

import { describe, expect, it } from 'vitest'
import { isCountryShielded, refuseByShield } from './shield.ts'
import { siteWithoutRules } from './site.ts'
import { aSite } from './testing.ts'

const event = { ip: '81.2.69.142', hostname: 'example.com', pathname: '/a' }

describe('9.5 to 9.7 the order and reasons of shields', () => {
  it.each<[string, object, object, string | undefined]>([
    ['refuses nothing without rules', {}, {}, undefined],
    ['accepts a hostname of the allowlist', { hostnames: ['a.com', '*.com'] }, {}, undefined],
    ['refuses a hostname off the allowlist', { hostnames: ['*.org'] }, {}, 'site_hostname_allowlist'],
    [
      'refuses (none) off the allowlist',
      { hostnames: ['*.com'] },
      { hostname: '(none)' },
      'site_hostname_allowlist',
    ],
    ['matches hostnames by case', { hostnames: ['Example.com'] }, {}, 'site_hostname_allowlist'],
    ['refuses a page of the blocklist', { pages: ['/b', '/a*'] }, {}, 'site_page_blocklist'],
    ['accepts a page off the blocklist', { pages: ['/a/*'] }, {}, undefined],
    ['refuses an address of the blocklist', { ips: ['1.1.1.1', '81.2.69.142'] }, {}, 'site_ip_blocklist'],
    ['accepts an address off the blocklist', { ips: ['81.2.69.143'] }, {}, undefined],
    [
      'asks for the hostname before the page',
      { hostnames: ['x'], pages: ['/a'], ips: ['81.2.69.142'] },
      {},
      'site_hostname_allowlist',
    ],
    [
      'asks for the page before the address',
      { hostnames: ['*'], pages: ['/a'], ips: ['81.2.69.142'] },
      {},
      'site_page_blocklist',
    ],
  ])('%s', (_, shields, changes, expected) => {
    expect(refuseByShield(aSite({ shields }), { ...event, ...changes })).toBe(expected)
  })

  it('has no rules for pages where an event is no page', () => {
    const site = aSite({ shields: { hostnames: ['x'], pages: ['/a', '/*'], ips: ['81.2.69.142'] } })
    const noPage = { ...event, hostname: '', pathname: '' }
    expect(refuseByShield(site, noPage)).toBe('site_ip_blocklist')
    expect(refuseByShield(site, { ...noPage, ip: '81.2.69.143' })).toBeUndefined()
  })
})

describe('9.7 a shielded address', () => {
  it.each<[string, string, boolean]>([
    ['81.2.69.142', '81.2.69.142', true],
    ['81.2.69.142', '81.2.69.14', false],
    ['81.2.69.142', '81.2.69.142:443', false],
    ['81.2.69.0/24', '81.2.69.142', true],
    ['81.2.69.0/24', '81.2.70.1', false],
    ['81.2.69.142/24', '81.2.69.1', true],
    ['0.0.0.0/0', '1.2.3.4', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['2001:db8::1', '2001:0DB8:0:0::0001', true],
    ['2001:0db8:0000::1', '2001:db8::1', true],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['::ffff:81.2.69.142', '81.2.69.142', true],
    ['81.2.69.142', '::ffff:81.2.69.142', true],
    ['::ffff:81.2.69.0/120', '81.2.69.7', true],
    ['::ffff:81.2.69.0/120', '81.2.70.7', false],
    ['81.2.69.142', '', false],
    ['81.2.69.142', 'unknown', false],
    ['0.0.0.1', '1', false],
  ])('the rule %s against %j: %s', (rule, ip, expected) => {
    const refused = refuseByShield(aSite({ shields: { ips: [rule] } }), { ...event, ip })
    expect(refused).toBe(expected ? 'site_ip_blocklist' : undefined)
  })
})

describe('9.8 a shielded country', () => {
  const site = aSite({ shields: { countries: ['FR', 'A1'] } })
  it.each([
    ['FR', true],
    ['A1', true],
    ['DE', false],
    ['fr', false],
    ['', false],
  ])('%j: %s', (country, expected) => {
    expect(isCountryShielded(site, country)).toBe(expected)
  })

  it('is false for a site without rules', () => {
    expect(isCountryShielded(siteWithoutRules('a'), 'FR')).toBe(false)
  })
})

describe('9 rules a site may have', () => {
  const many = (count: number, rule: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => rule(i))
  it('30 addresses, 30 countries, 30 pages of 250 characters and 10 hostnames', () => {
    const shields = {
      ips: many(30, (i) => `192.0.2.${String(i)}`),
      countries: many(30, (i) => `A${String.fromCharCode(65 + (i % 26))}`),
      pages: many(30, (i) => `/${'a'.repeat(247)}${String(10 + i)}`),
      hostnames: many(10, (i) => `${String(i)}.example.com`),
    }
    const site = aSite({ shields })
    const last = { ip: '192.0.2.29', hostname: '9.example.com', pathname: `/${'a'.repeat(247)}39` }
    expect(refuseByShield(site, last)).toBe('site_page_blocklist')
    expect(refuseByShield(site, { ...last, pathname: '/' })).toBe('site_ip_blocklist')
  })
})

import type { DropReason } from '@millrace/events'
import { parseSites, type Site } from '@millrace/sites'
import { describe, expect, it } from 'vitest'
import { dropReason, type DropFacts } from './drop-rules.ts'

function aSite(rules: object = {}): Site {
  const site = parseSites(JSON.stringify({ sites: [{ domain: 'example.com', ...rules }] })).find(
    'example.com',
  )
  if (site === undefined) throw new Error('the site is there')
  return site
}

const shielded = aSite({
  shields: {
    hostnames: ['example.com', '*.example.com'],
    pages: ['/admin/**'],
    ips: ['81.2.69.142'],
    countries: ['DK'],
  },
})

/** A visitor whom no rule minds. */
const harmless: DropFacts = {
  site: shielded,
  hostname: 'example.com',
  pathname: '/',
  ip: '81.2.69.143',
  ipType: undefined,
  isReferrerSpam: false,
  isVerificationAgent: false,
  botReason: undefined,
}

describe('dropReason', () => {
  const cases: [title: string, facts: Partial<DropFacts>, reason: DropReason | undefined][] = [
    ['lets an event pass', {}, undefined],
    ['drops spam referrers', { isReferrerSpam: true }, 'spam_referrer'],
    ['drops events of unknown sites', { site: undefined }, 'not_found'],
    ['drops the verification agent', { isVerificationAgent: true }, 'verification_agent'],
    ['drops what a proxy calls a data centre', { ipType: 'dc_ip' }, 'dc_ip'],
    ['drops what a proxy calls a threat', { ipType: 'threat_ip' }, 'threat_ip'],
    ['lets a VPN pass', { ipType: 'anonymous_vpn_ip' }, undefined],
    ['drops other hostnames', { hostname: 'evil.example' }, 'site_hostname_allowlist'],
    ['lets a listed subdomain pass', { hostname: 'shop.example.com' }, undefined],
    ['drops blocked pages', { pathname: '/admin/users' }, 'site_page_blocklist'],
    ['drops blocked addresses', { ip: '81.2.69.142' }, 'site_ip_blocklist'],
    ['drops bots', { botReason: 'library:curl' }, 'bot'],
    ['keeps what has no user agent', { botReason: 'empty_user_agent' }, undefined],
    ['keeps bots where the site marks them', { site: aSite({ bots: 'mark' }), botReason: 'curl' }, undefined],
    ['leaves countries to the enricher', { site: aSite({ shields: { countries: ['GB'] } }) }, undefined],
  ]
  it.each(cases)('%s', (_, facts, reason) => {
    expect(dropReason({ ...harmless, ...facts })).toBe(reason)
  })

  it('names the first reason in Plausible’s order, when all of them hold', () => {
    const all: [keyof DropFacts, DropFacts[keyof DropFacts], DropReason][] = [
      ['isReferrerSpam', true, 'spam_referrer'],
      ['isVerificationAgent', true, 'verification_agent'],
      ['ipType', 'dc_ip', 'dc_ip'],
      ['hostname', 'evil.example', 'site_hostname_allowlist'],
      ['pathname', '/admin/users', 'site_page_blocklist'],
      ['ip', '81.2.69.142', 'site_ip_blocklist'],
      ['botReason', 'curl', 'bot'],
    ]
    for (const [index, [, , reason]] of all.entries()) {
      const facts = Object.fromEntries(all.slice(index).map(([name, value]) => [name, value]))
      expect(dropReason({ ...harmless, ...facts })).toBe(reason)
    }
    expect(dropReason({ ...harmless, site: undefined, isReferrerSpam: true })).toBe('spam_referrer')
    expect(dropReason({ ...harmless, site: undefined, isVerificationAgent: true })).toBe('not_found')
  })
})

import { fakeGeo } from '@millrace/enrichment/testing'
import { explainClient, readTrustedProxies } from '@millrace/intake'
import { expect, test } from 'vitest'
import { describeClient } from './doctor-client.ts'

const geo = fakeGeo({
  '81.2.69.142': {
    country: 'GB',
    subdivision1: 'GB-ENG',
    city: 'London',
    cityGeonameId: 2643743,
    asn: 20712,
    asOrganization: 'Andrews & Arnold Ltd',
  },
})

const describe = async (peer: string, headers: Record<string, string>): Promise<string[]> =>
  describeClient(
    await explainClient(
      { peer, headers },
      {
        trustedProxies: readTrustedProxies(undefined),
        placeOf: (ip) => Promise.resolve({ ...geo.lookup(ip), date: '' }),
      },
    ),
    geo,
  )

test('shows each hop, the client and its place', async () => {
  const headers = {
    'x-plausible-ip-type': 'dc_ip',
    'x-forwarded-for': '6.6.6.6, 81.2.69.142:4711, 10.0.0.7',
    forwarded: 'for=_hidden',
  }
  expect(await describe('::ffff:127.0.0.1', headers)).toEqual([
    'peer 127.0.0.1: trusted proxy',
    'x-forwarded-for (the client is taken from here), from the right:',
    '  "10.0.0.7": trusted proxy',
    '  "81.2.69.142:4711": not trusted <- the client',
    '  "6.6.6.6": not trusted',
    'forwarded, from the right:',
    '  "_hidden": no address, ends the walk',
    'x-plausible-ip-type: dc_ip',
    'client 81.2.69.142',
    'place: GB, GB-ENG, London (GeoNames 2643743)',
    'network: AS20712 Andrews & Arnold Ltd',
    'classes: none',
    'data: fake',
  ])
})

test('says why headers do not count, and that a private address has no place', async () => {
  expect(await describe('9.9.9.9', { 'x-forwarded-for': '81.2.69.142' })).toEqual([
    'peer 9.9.9.9: not trusted, so its headers do not count',
    'x-forwarded-for, from the right:',
    '  "81.2.69.142": not trusted',
    'client 9.9.9.9',
    'place: unknown',
    'network: unknown',
    'classes: none',
    'data: fake',
  ])
  expect(await describe('10.0.0.1', {})).toEqual([
    'peer 10.0.0.1: trusted proxy',
    'client 10.0.0.1',
    'place: none, the address is private, reserved or unknown; is the proxy in TRUSTED_PROXIES?',
  ])
})

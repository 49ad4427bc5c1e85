import { expect, test } from 'vitest'
import { anonymityClasses, isDatacenter, orderedClasses } from './ip-class.ts'

test.each([
  [{ is_anonymous: true }, []],
  [{ is_anonymous: true, is_anonymous_vpn: true, is_tor_exit_node: true }, ['vpn', 'tor']],
  [{ is_hosting_provider: true, is_public_proxy: true, is_residential_proxy: true }, ['datacenter', 'proxy']],
  [{ vpn: 'true', proxy: '', tor: false, relay: true, hosting: 'true' }, ['datacenter', 'vpn', 'relay']],
  [{ provider_name: 'x', anonymizer_confidence: 30 }, []],
  [undefined, []],
  [null, []],
])('%j has the classes %j', (record, classes) => {
  expect(orderedClasses(anonymityClasses(record))).toEqual(classes)
})

test.each([
  [24940, 'Hetzner Online GmbH'],
  [16276, 'OVH SAS'],
  [14061, 'DigitalOcean, LLC'],
  [16509, 'Amazon.com, Inc.'],
  [8075, 'Microsoft Corporation'],
  [13335, 'Cloudflare, Inc.'],
  [12876, 'Scaleway SAS'],
  [1, 'Some Data Center Ltd'],
  [2, 'Cheap VPS'],
  [396982, 'Google LLC'],
  [36352, 'HostPapa'],
  [62240, 'Clouvider'],
])('AS%i %s is a datacenter', (asn, organization) => {
  expect(isDatacenter(asn, organization)).toBe(true)
})

test.each([
  [12322, 'Free SAS'],
  [7922, 'Comcast Cable Communications, LLC'],
  [3320, 'Deutsche Telekom AG'],
  [1221, 'Telstra Pty Ltd'],
  [174, 'Cogent Communications Cloud'],
  [8881, '1&1 Versatel Hosting'],
  [3, 'Colombia Telecomunicaciones'],
  [0, ''],
])('AS%i %s is none', (asn, organization) => {
  expect(isDatacenter(asn, organization)).toBe(false)
})

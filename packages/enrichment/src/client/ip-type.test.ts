import { expect, test } from 'vitest'
import { ipTypeOf } from './ip-type.ts'
import { isVerificationAgent } from './verification-agent.ts'

test.each([
  ['dc_ip', 'dc_ip'],
  ['threat_ip', 'threat_ip'],
  ['anonymous_vpn_ip', 'anonymous_vpn_ip'],
  ['dc_ip, anonymous_vpn_ip', 'dc_ip'], // sent twice, as Node gives it
  ['DC_IP', undefined],
  [' dc_ip', undefined],
  ['', undefined],
  ['other', undefined],
])('x-plausible-ip-type %j means %s', (text, type) => {
  expect(ipTypeOf({ 'x-plausible-ip-type': text }, true)).toBe(type)
})

test('believes nobody but a trusted proxy', () => {
  expect(ipTypeOf({ 'x-plausible-ip-type': 'dc_ip' }, false)).toBeUndefined()
  expect(ipTypeOf({}, true)).toBeUndefined()
})

test.each([
  ['Plausible Verification Agent - if abused, contact support@plausible.io', true],
  ['Plausible Community Edition', true],
  ['plausible community edition', false],
  ['Plausible Community Edition 2', false],
  ['', false],
])('%j is a verification agent: %s', (userAgent, expected) => {
  expect(isVerificationAgent(userAgent)).toBe(expected)
})

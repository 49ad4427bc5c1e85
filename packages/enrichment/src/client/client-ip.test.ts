import { describe, expect, test } from 'vitest'
import { clientIp, forwardedHopsMax } from './client-ip.ts'
import type { RequestHeaders } from './request-headers.ts'
import { defaultTrustedProxies, parseTrustedProxies } from './trusted-proxies.ts'

const trustedProxies = parseTrustedProxies(defaultTrustedProxies)
const behindProxy = (headers: RequestHeaders) => clientIp({ peer: '127.0.0.1', headers, trustedProxies })

describe('without a trusted proxy', () => {
  test.each([
    ['8.8.8.8', '8.8.8.8'],
    ['::ffff:8.8.8.8', '8.8.8.8'],
    ['2001:DB8::0:1', '2001:db8::1'],
    ['', ''],
    ['garbage', ''],
  ])('the client of peer %j is %j, whatever headers say', (peer, client) => {
    const headers = {
      'x-plausible-ip': '1.1.1.1',
      'cf-connecting-ip': '1.1.1.2',
      'b-forwarded-for': '1.1.1.3',
      'x-forwarded-for': '1.1.1.4',
      forwarded: 'for=1.1.1.5',
    }
    expect(clientIp({ peer, headers, trustedProxies })).toBe(client)
  })
})

describe('behind a trusted proxy', () => {
  const all = {
    'x-plausible-ip': '1.1.1.1',
    'cf-connecting-ip': '1.1.1.2',
    'b-forwarded-for': '1.1.1.3, 9.9.9.9',
    'x-forwarded-for': '9.9.9.9, 1.1.1.4',
    forwarded: 'for=9.9.9.9, for=1.1.1.5',
  }
  test.each([
    ['1.1.1.1', all],
    ['1.1.1.2', { ...all, 'x-plausible-ip': undefined }],
    ['1.1.1.3', { ...all, 'x-plausible-ip': '', 'cf-connecting-ip': '' }],
    ['1.1.1.4', { 'x-forwarded-for': all['x-forwarded-for'], forwarded: all.forwarded }],
    ['1.1.1.5', { forwarded: all.forwarded }],
    ['127.0.0.1', {}],
  ])('%s comes first in the order of headers', (client, headers) => {
    expect(behindProxy(headers)).toBe(client)
  })

  test.each([
    ['8.8.8.8', '8.8.8.8'],
    ['8.8.8.8:4711', '8.8.8.8'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['"8.8.8.8"', '8.8.8.8'],
    ['  8.8.8.8  ', '8.8.8.8'],
    ['::ffff:8.8.8.8', '8.8.8.8'],
  ])('reads %j in any header as %s', (text, client) => {
    expect(behindProxy({ 'x-plausible-ip': text })).toBe(client)
    expect(behindProxy({ 'cf-connecting-ip': text })).toBe(client)
    expect(behindProxy({ 'b-forwarded-for': text })).toBe(client)
    expect(behindProxy({ 'x-forwarded-for': text })).toBe(client)
  })

  test.each(['unknown', '8.8.8.8:http', '[8.8.8.8', '[::1]x', '8.8.8.8:', '999.1.1.1', 'a b', '""'])(
    'passes over the garbage %j',
    (text) => {
      const garbage = {
        'x-plausible-ip': text,
        'cf-connecting-ip': text,
        'b-forwarded-for': text,
        'x-forwarded-for': text,
        forwarded: `for=${text}`,
      }
      expect(behindProxy(garbage)).toBe('127.0.0.1')
      expect(behindProxy({ ...garbage, forwarded: 'for=7.7.7.7' })).toBe('7.7.7.7')
    },
  )

  test('uses the first occurrence of a repeated header', () => {
    expect(behindProxy({ 'x-plausible-ip': ['1.1.1.1', '2.2.2.2'] })).toBe('1.1.1.1')
    // As Node gives it.
    expect(behindProxy({ 'x-plausible-ip': '1.1.1.1, 2.2.2.2' })).toBe('1.1.1.1')
    expect(behindProxy({ 'cf-connecting-ip': '[2001:db8::1]:80, 2.2.2.2' })).toBe('2001:db8::1')
    expect(behindProxy({ 'x-plausible-ip': ', 2.2.2.2', 'cf-connecting-ip': '3.3.3.3' })).toBe('3.3.3.3')
  })
})

describe('x-forwarded-for, walked from the right', () => {
  test.each([
    ['8.8.8.8', '8.8.8.8'],
    ['6.6.6.6, 8.8.8.8', '8.8.8.8'],
    ['6.6.6.6, 8.8.8.8, 10.0.0.7, 192.168.1.1', '8.8.8.8'],
    ['6.6.6.6,8.8.8.8,::ffff:10.0.0.7', '8.8.8.8'],
    ['10.0.0.5, 10.0.0.6', '10.0.0.5'],
    ['6.6.6.6, unknown, 10.0.0.6', '10.0.0.6'],
    ['6.6.6.6, unknown', '127.0.0.1'],
    ['6.6.6.6, , 10.0.0.6', '10.0.0.6'],
    ['2001:db8::9, fd00::1', '2001:db8::9'],
    ['', '127.0.0.1'],
  ])('%j is %s', (header, client) => {
    expect(behindProxy({ 'x-forwarded-for': header })).toBe(client)
  })

  test('takes repeated headers as one list', () => {
    expect(behindProxy({ 'x-forwarded-for': ['6.6.6.6', '8.8.8.8, 10.0.0.1'] })).toBe('8.8.8.8')
  })

  test('stops after a bounded number of hops', () => {
    const hops = ['8.8.8.8', ...Array.from({ length: forwardedHopsMax }, (_, i) => `10.0.0.${i}`)]
    expect(behindProxy({ 'x-forwarded-for': hops.join(',') })).toBe('10.0.0.0')
  })
})

describe('forwarded, walked from the right', () => {
  test.each([
    ['for=8.8.8.8', '8.8.8.8'],
    ['For="[2001:db8::1]:4711";proto=https', '2001:db8::1'],
    ['by=1.1.1.1;for=8.8.8.8;host=a', '8.8.8.8'],
    ['for=6.6.6.6, for=8.8.8.8, for=10.0.0.1', '8.8.8.8'],
    ['for=6.6.6.6, by=1.1.1.1', '127.0.0.1'],
    ['for=6.6.6.6, for=_hidden', '127.0.0.1'],
    ['for=unknown', '127.0.0.1'],
    ['xfor=8.8.8.8', '127.0.0.1'],
  ])('%j is %s', (header, client) => {
    expect(behindProxy({ forwarded: header })).toBe(client)
  })
})

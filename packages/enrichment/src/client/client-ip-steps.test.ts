import { expect, test } from 'vitest'
import { clientIpSteps } from './client-ip-steps.ts'
import { clientIp, forwardedHopsMax } from './client-ip.ts'
import { defaultTrustedProxies, parseTrustedProxies } from './trusted-proxies.ts'

const trustedProxies = parseTrustedProxies(defaultTrustedProxies)

test('shows every hop, which is trusted, and which header counts', () => {
  const headers = {
    'cf-connecting-ip': 'unknown',
    'x-forwarded-for': '6.6.6.6, 8.8.8.8:4711, 10.0.0.7',
    forwarded: 'for=7.7.7.7',
  }
  expect(clientIpSteps({ peer: '::ffff:127.0.0.1', headers, trustedProxies })).toEqual({
    peer: { text: '::ffff:127.0.0.1', address: '127.0.0.1', isTrusted: true },
    headers: [
      {
        name: 'cf-connecting-ip',
        hops: [{ text: 'unknown', address: undefined, isTrusted: false }],
        isChosen: false,
      },
      {
        name: 'x-forwarded-for',
        hops: [
          { text: '10.0.0.7', address: '10.0.0.7', isTrusted: true },
          { text: '8.8.8.8:4711', address: '8.8.8.8', isTrusted: false },
          { text: '6.6.6.6', address: '6.6.6.6', isTrusted: false },
        ],
        isChosen: true,
      },
      {
        name: 'forwarded',
        hops: [{ text: '7.7.7.7', address: '7.7.7.7', isTrusted: false }],
        isChosen: false,
      },
    ],
    client: '8.8.8.8',
  })
})

test('chooses no header of a peer that is not trusted', () => {
  const steps = clientIpSteps({ peer: '9.9.9.9', headers: { 'x-forwarded-for': '8.8.8.8' }, trustedProxies })
  expect(steps).toMatchObject({
    peer: { isTrusted: false },
    headers: [{ isChosen: false }],
    client: '9.9.9.9',
  })
})

test('says of any headers what is taken for the client, and from a hop of the chosen header', () => {
  const texts = [
    undefined,
    '',
    'unknown',
    '8.8.8.8',
    '10.0.0.1',
    '1.1.1.1, 10.0.0.2',
    'x, 10.0.0.3',
    '10.0.0.4, x',
  ]
  const names = ['x-plausible-ip', 'cf-connecting-ip', 'b-forwarded-for', 'x-forwarded-for', 'forwarded']
  for (let i = 0; i < 4_096; i++) {
    const picks = names.map((name, place): [string, string | undefined] => {
      const text = texts[(i >> (place * 2)) % texts.length]
      return [name, name === 'forwarded' && text !== undefined ? `for=${text}` : text]
    })
    const request = { peer: '127.0.0.1', headers: Object.fromEntries(picks), trustedProxies }
    const { client, headers } = clientIpSteps(request)
    expect(client).toBe(clientIp(request))
    const chosen = headers.filter(({ isChosen }) => isChosen)
    expect(chosen.length).toBeLessThanOrEqual(1)
    const sources = chosen.flatMap(({ hops }) => hops.map(({ address }) => address))
    expect(chosen.length === 0 ? [request.peer] : sources).toContain(client)
  }
})

test('walks every list of hops as it is shown', () => {
  const texts = ['', ' ', 'x', '10.0.0.1', ' 10.0.0.2:80', '"8.8.8.8"', '[fd00::1]:80', '2001:db8::1', '::1']
  const listsMax = texts.length ** 4
  for (let i = 0; i < listsMax; i++) {
    const picked = [i, i / 9, i / 81, i / 729].map((at) => texts[Math.floor(at) % texts.length] ?? '')
    // As many hops as are walked, and one more and one fewer, now and then.
    const before =
      i % 50 === 0 ? Array.from({ length: forwardedHopsMax - 5 + (i % 3) }, (_, n) => `10.0.9.${n}`) : []
    const headers = { 'x-forwarded-for': [...before, ...picked.slice(i % 4)].join(',') }
    const { client, headers: shown } = clientIpSteps({ peer: '127.0.0.1', headers, trustedProxies })
    const hops = shown[0]?.hops ?? []
    const known = hops.slice(0, hops.findIndex(({ address }) => address === undefined) >>> 0)
    const nearest = known.find(({ isTrusted }) => !isTrusted) ?? known.at(-1)
    expect([headers, client]).toEqual([headers, nearest?.address ?? '127.0.0.1'])
  }
})

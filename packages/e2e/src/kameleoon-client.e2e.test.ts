import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cleanup } from './cleanup.ts'
import { account, visitor, visitorsUserAgent, visitWithSdk } from './clients/kameleoon-visit.ts'
import { startKameleoonSdk, type Exchange } from './clients/test-kameleoon-sdk.ts'

const visitMsMax = 60_000
const windowsChrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36'
const all =
  'eventType=staticData&browser=CHROME&browserIndex=0&browserVersion=153&visitNumber=0&timeSincePreviousVisit=0' +
  '&os=WINDOWS&osIndex=0&deviceType=DESKTOP&nonce=N'
const here =
  'eventType=page&href=https%3A%2F%2Fexample.com%2Fshop%3Fx%3D1%26y%3D2&title=Produit%20%231%20%26%20more&nonce=N'
const inPieces = [
  'eventType=staticData&os=WINDOWS&osIndex=0&nonce=N',
  'eventType=staticData&deviceType=DESKTOP&nonce=N',
  'eventType=staticData&browser=CHROME&browserIndex=0&browserVersion=153&nonce=N',
]
const metadata = 'metadata=%7B%220%22%3A%5B%22order-1%22%5D%7D'

/** The bodies as `reference/clients-on-the-wire.md` has them, line by line; each visitor's lines end in its code. */
const bodies = [
  linesOf(visitor, [
    'eventType=experiment&id=99001&variationId=501&nonce=N',
    ...inPieces,
    here,
    'eventType=page&href=https%3A%2F%2Fexample.com%2Ftea%3Fa%3D1%26b%3D%C3%A9&title=Th%C3%A9%20%231%20%26%20co&referrersIndices=[0,2]&nonce=N',
    'eventType=customData&index=0&valuesCountMap=%7B%22premium%22%3A1%2C%22b2b%22%3A1%7D&overwrite=true&nonce=N',
    'eventType=geolocation&country=France&region=%C3%8Ele-de-France&city=Paris&postalCode=75008&latitude=48.8738&longitude=2.295&nonce=N',
    `eventType=conversion&goalId=4242&revenue=19.9&negative=false&${metadata}&nonce=N`,
    all,
  ]),
  linesOf(visitor, [
    'eventType=customData&index=1&valuesCountMap=%7B%22account-7%22%3A1%7D&overwrite=true&mappingIdentifier=true&nonce=N',
    all,
  ]),
  linesOf(account, [
    ...inPieces,
    here,
    `eventType=conversion&goalId=4242&revenue=19.9&negative=true&${metadata}&nonce=N`,
    all,
  ]),
]

describe('the Kameleoon SDK on the wire', () => {
  let dataUrl: string
  const cleanup = new Cleanup()

  beforeAll(async () => {
    const server = createServer((request, response) => {
      request.resume().once('end', () => response.writeHead(202).end())
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    cleanup.defer(() => new Promise((closed) => server.close(closed).closeAllConnections()))
    dataUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => cleanup.run())

  async function visit(answersLost: number): Promise<readonly Exchange[]> {
    const running = await startKameleoonSdk({ dataUrl, userAgent: windowsChrome, answersLost })
    cleanup.defer(running.stop)
    await visitWithSdk(running)
    return running.exchanges
  }

  it('sends what our decoder was written against', { timeout: visitMsMax }, async () => {
    const exchanges = await visit(0)
    expect(exchanges.map(({ body }) => withoutNonces(body))).toEqual(bodies)
    expect(new Set(nonces(exchanges)).size).toBe(nonces(exchanges).length)
    for (const { url, method, headers, retryCount } of exchanges) {
      expect({ url, method, headers, retryCount }).toEqual({
        url: 'https://data.kameleoon.io/visit/events?siteCode=abcdefghij&sdkName=javascript&sdkVersion=4.17.1&bodyUa=true',
        method: 'POST',
        headers: { 'Content-Type': '*/*' },
        retryCount: 0,
      })
    }
  })

  it('repeats a request with its nonces when the answer is lost', { timeout: visitMsMax }, async () => {
    const [first, ...others] = await visit(1)
    expect(others.filter(({ retryCount }) => retryCount > 0)).toEqual([
      { ...first, retryCount: 1, toldStatus: 202 },
    ])
  })
})

function linesOf(code: string, lines: readonly string[]): string {
  const [first = '', ...others] = lines.map((line) => `${line}&visitorCode=${code}`)
  return [`${first}&userAgent=${visitorsUserAgent}`, ...others].join('\n')
}

function withoutNonces(body: string): string {
  return body.replaceAll(/nonce=[0-9A-F]{16}(?=&)/g, 'nonce=N')
}

function nonces(exchanges: readonly Exchange[]): string[] {
  return exchanges.flatMap(({ body }) => body.match(/nonce=[0-9A-F]{16}/g) ?? [])
}

import { describe, expect, it } from 'vitest'
import { Browsers, clientHints } from './browsers.ts'
import { TrafficRandom } from './random.ts'

const webKit = 'AppleWebKit/537.36 (KHTML, like Gecko)'

describe('client hints', () => {
  it.each([
    [
      'Chrome on Windows',
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit} Chrome/140.0.0.0 Safari/537.36`,
      { 'sec-ch-ua-mobile': '?0', 'sec-ch-ua-platform': '"Windows"' },
      '"Google Chrome";v="140"',
    ],
    [
      'Edge on macOS',
      `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webKit} Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0`,
      { 'sec-ch-ua-mobile': '?0', 'sec-ch-ua-platform': '"macOS"' },
      '"Microsoft Edge";v="139"',
    ],
    [
      'Samsung Internet on a phone',
      `Mozilla/5.0 (Linux; Android 10; K) ${webKit} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
      { 'sec-ch-ua-mobile': '?1', 'sec-ch-ua-platform': '"Android"' },
      '"Samsung Internet";v="28"',
    ],
  ])('are those of %s', (_, userAgent, expected, brand) => {
    const hints = clientHints(userAgent)
    expect(hints).toMatchObject(expected)
    expect(hints['sec-ch-ua']).toContain(brand)
    expect(hints['sec-ch-ua']).toContain('"Chromium";v=')
  })

  it.each([
    [
      'Safari',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 Version/26.0 Mobile/15E148 Safari/604.1',
    ],
    [
      'Chrome on iOS',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 CriOS/140.0.7339.39 Mobile/15E148 Safari/604.1',
    ],
    ['Firefox', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0'],
  ])('are not sent by %s', (_, userAgent) => {
    expect(clientHints(userAgent)).toEqual({})
  })
})

describe('browsers', () => {
  it('are the same for the same seed, many, and the frequent ones frequent', () => {
    const drawn = (seed: number): string[] => {
      const browsers = new Browsers()
      const random = new TrafficRandom(seed)
      return Array.from({ length: 3_000 }, () => browsers.draw(random).userAgent)
    }
    const first = drawn(3)
    expect(drawn(3)).toEqual(first)
    expect(new Set(first).size).toBeGreaterThan(300)
    const counts = new Map<string, number>()
    for (const userAgent of first) counts.set(userAgent, (counts.get(userAgent) ?? 0) + 1)
    expect(Math.max(...counts.values())).toBeGreaterThan(60)
  })
})

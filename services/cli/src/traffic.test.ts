import { describe, expect, it } from 'vitest'
import { Traffic } from './traffic.ts'

const options = { seed: 7, sites: 20, visitors: 50, run: 'r1' }

function events(count: number, seed = options.seed): Record<string, unknown>[] {
  const traffic = new Traffic({ ...options, seed })
  return Array.from({ length: count }, () => JSON.parse(traffic.next().body) as Record<string, unknown>)
}

describe('Traffic', () => {
  it('gives the same events for the same seed, and others for another', () => {
    expect(events(200)).toEqual(events(200))
    expect(events(200, 8)).not.toEqual(events(200))
  })

  it('lets each visitor begin with a page view', () => {
    const traffic = new Traffic(options)
    const seen = new Set<string>()
    for (let i = 0; i < 1_000; i++) {
      const { ip, body } = traffic.next()
      if (!seen.has(ip)) expect((JSON.parse(body) as { n: string }).n).toBe('pageview')
      seen.add(ip)
    }
  })

  it('marks every event with its run and sends the larger sites more', () => {
    const sent = events(5_000)
    for (const { p } of sent) expect(p).toMatchObject({ run: 'r1' })
    const count = (site: string) => sent.filter(({ d }) => d === site).length
    expect(count('site1.load.example')).toBeGreaterThan(3 * count('site10.load.example'))
  })
})

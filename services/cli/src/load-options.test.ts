import { describe, expect, it } from 'vitest'
import { UsageError } from './command.ts'
import { readLoadOptions } from './load-options.ts'

const read = (...args: string[]) => readLoadOptions(args, 8_080)

describe('the options of load', () => {
  it('are those of the README without any', () => {
    expect(read()).toMatchObject({
      events: 10_000,
      durationS: undefined,
      rate: 1_000,
      connections: 64,
      sites: 100,
      largestSiteShare: undefined,
      visitors: 2_000,
      seed: 1,
      protocols: { plausible: 70, kameleoon: 15, octeth: 5, successeve: 10 },
      isForSites: false,
    })
    expect(read().url.href).toBe('http://127.0.0.1:8080/')
  })

  it('end a run after events, after seconds, or after whichever comes first', () => {
    expect(read('--duration', '30')).toMatchObject({ events: undefined, durationS: 30 })
    expect(read('--duration', '30', '--events', '5')).toMatchObject({ events: 5, durationS: 30 })
  })

  it('name the protocols with their shares; what is not named is not sent', () => {
    expect(read('--protocols', 'plausible=1, octeth=0.5').protocols).toEqual({ plausible: 1, octeth: 0.5 })
  })

  it.each([
    ['an unknown protocol', ['--protocols', 'matomo=1']],
    ['a share that is no number', ['--protocols', 'plausible=most']],
    ['a share that is missing', ['--protocols', 'plausible']],
    ['a share below 0', ['--protocols', 'plausible=-1']],
    ['no share at all', ['--protocols', 'plausible=0']],
    ['all of the traffic for the largest site', ['--largest-site-share', '1']],
    ['no rate', ['--rate', '0']],
    ['half an event', ['--events', '0.5']],
    ['more sites than there may be', ['--sites', '1000001']],
  ])('refuse %s', (_, args) => {
    expect(() => read(...args)).toThrow(UsageError)
  })
})

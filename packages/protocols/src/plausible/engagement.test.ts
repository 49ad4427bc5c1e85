import { describe, expect, it } from 'vitest'
import { aPlausibleBody, aWireRequest, onlyEvent, refusedErrors } from '../testing.ts'
import { decodePlausible } from './decode.ts'

const decode = (changes: Readonly<Record<string, unknown>>) =>
  decodePlausible(aWireRequest(aPlausibleBody({ n: 'engagement', ...changes })))
const missing = 255
const needsOne = {
  event_name: ["engagement event requires a valid integer value for at least one of 'sd' or 'e' fields"],
}

describe('7 engagement', () => {
  it.each<[string, unknown, number]>([
    ['an integer of 0 to 100 is kept', 70, 70],
    ['0 is kept', 0, 0],
    ['100 is kept', 100, 100],
    ['above 100 becomes 100', 101, 100],
    ['integer text is parsed', '42', 42],
    ['signed integer text is parsed', '+42', 42],
    ['integer text above 100 becomes 100', '1000', 100],
    ['a negative is missing', -1, missing],
    ['negative text is missing', '-1', missing],
    ['a float is missing', 12.5, missing],
    ['float text is missing', '12.5', missing],
    ['text with more than an integer is missing', '12px', missing],
    ['empty text is missing', '', missing],
    ['a boolean is missing', true, missing],
    ['null is missing', null, missing],
    ['an object is missing', {}, missing],
    ['nothing is missing', undefined, missing],
  ])('sd: %s', (_, sd, expected) => {
    expect(onlyEvent(decode({ sd, e: 1 })).scrollDepth).toBe(expected)
  })

  it.each<[string, unknown, number]>([
    ['an integer is kept', 4_200, 4_200],
    ['integer text is parsed', '4200', 4_200],
    ['a millisecond below 30 days is kept', 2_591_999_999, 2_591_999_999],
    ['30 days is 0', 2_592_000_000, 0],
    ['30 days as text is 0', '2592000000', 0],
    ['a negative is 0', -1, 0],
    ['a float is 0', 1.5, 0],
    ['other text is 0', '1s', 0],
    ['null is 0', null, 0],
    ['a list is 0', [1], 0],
    ['nothing is 0', undefined, 0],
  ])('e: %s', (_, e, expected) => {
    expect(onlyEvent(decode({ sd: 1, e })).engagementMs).toBe(expected)
  })

  it.each<[string, object]>([
    ['neither', {}],
    ['e of 0 alone', { e: 0 }],
    ['e of 30 days alone', { e: 2_592_000_000 }],
    ['a negative sd alone', { sd: -1 }],
    ['both invalid', { sd: 'x', e: 'y' }],
  ])('%s is refused', (_, changes) => {
    expect(refusedErrors(decode(changes as Record<string, unknown>))).toEqual(needsOne)
  })

  it('sd of 0 alone is fine', () => {
    expect(onlyEvent(decode({ sd: 0 }))).toMatchObject({ scrollDepth: 0, engagementMs: 0 })
  })

  it.each(['pageview', 'Signup', 'Engagement', ' engagement', 'pageleave'])(
    'under the name %j both are ignored and stored as 0',
    (n) => {
      expect(onlyEvent(decode({ n, sd: 50, e: 50 }))).toMatchObject({ scrollDepth: 0, engagementMs: 0 })
      expect(onlyEvent(decode({ n }))).toMatchObject({ scrollDepth: 0, engagementMs: 0 })
    },
  )

  it('carries its own page and props', () => {
    const event = onlyEvent(decode({ sd: 1, u: 'https://a.example/left', p: { plan: 'pro' } }))
    expect(event).toMatchObject({ hostname: 'a.example', pathname: '/left', props: [['plan', 'pro']] })
  })
})

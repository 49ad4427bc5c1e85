import { bench, describe } from 'vitest'
import { aDecodeContext, aKameleoonRequest } from '../testing.ts'
import { decodeKameleoon } from './decode.ts'
import { eventSchemas } from './event-schemas.ts'
import { lineOf, needed, types } from './testing.ts'

const events = types.map((type) => ({
  ...needed[type],
  eventType: type,
  nonce: '5D4D929388819E2B',
  visitorCode: '0hs04jom186mwcrd',
}))
const lines = aKameleoonRequest(events.map(lineOf))
const json = aKameleoonRequest(events)
const context = aDecodeContext()

describe('one event of each of the eleven types', () => {
  bench('the schemas alone', () => {
    for (const event of events) eventSchemas[event.eventType].safeParse(event)
  })
  bench('decodeKameleoon, lines', () => {
    decodeKameleoon(lines, context)
  })
  bench('decodeKameleoon, JSON', () => {
    decodeKameleoon(json, context)
  })
})

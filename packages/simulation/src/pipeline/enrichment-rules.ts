import { createEnricher } from '@millrace/enrichment'
import { fakeGeo } from '@millrace/enrichment/testing'
import type { OutcomeRules } from '@millrace/enricher/testing'
import type { Overrides } from '@millrace/events'

/** An event with this in its path makes enrichment throw. */
export const unenrichableMark = 'unenrichable'
/** Visitors from here are turned away. */
export const shieldedAddress = '81.2.69.160'

/** Pure, so that one serves all enrichers of all runs, and the reference too. */
export function enrichmentRules(): OutcomeRules {
  const enrich = createEnricher({ geo: fakeGeo({ [shieldedAddress]: { country: 'FR' } }) })
  return {
    enrich: (raw, context) => {
      if (raw.pathname.includes(unenrichableMark)) throw new Error('cannot be enriched')
      return enrich({ ...raw, ...overridesOf(raw.pathname) }, context)
    },
    isCountryShielded: (_site, country) => country === 'FR',
  }
}

/** Visitors' events are numbered, `/e12`: some of them override device or place for the rest of their sessions. */
function overridesOf(pathname: string): { readonly overrides?: Overrides } {
  const number = Number(/^\/e(\d+)/.exec(pathname)?.[1] ?? 1)
  if (number % 5 === 0) return { overrides: { country: 'DE', city: `City ${number}` } }
  return number % 7 === 0 ? { overrides: { browser: `Browser ${number}`, device: 'Tablet' } } : {}
}

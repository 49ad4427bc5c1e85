import { createEnricher } from '@millrace/enrichment'
import { fakeGeo } from '@millrace/enrichment/testing'
import type { OutcomeRules } from '@millrace/enricher/testing'

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
      return enrich(raw, context)
    },
    isCountryShielded: (_site, country) => country === 'FR',
  }
}

import { Metrics, type Logger } from '@millrace/runtime'
import { expect, test } from 'vitest'
import { limits } from './config.ts'
import { InternalEvents } from './internal-events.ts'

function internalEvents() {
  const warnings: string[] = []
  const metrics = new Metrics()
  const logger = { warn: (_facts: unknown, text: string) => warnings.push(text) } as unknown as Logger
  return { events: new InternalEvents({ logger, metrics, progress: () => [] }), warnings, metrics }
}

test.each([
  ['one address with a third of the traffic', { busiest: 0.34, nonPublic: 0 }, 1],
  ['a tenth from private addresses', { busiest: 0.05, nonPublic: 0.11 }, 1],
  ['neither', { busiest: 0.3, nonPublic: 0.1 }, 0],
])('%s', (_, shares, count) => {
  const { events, warnings } = internalEvents()
  events.addressesSeen(shares, limits)
  expect(warnings).toHaveLength(count)
})

test('warns when it begins, not for each window, and again when it comes back', async () => {
  const { events, warnings, metrics } = internalEvents()
  const [hidden, shown] = [
    { busiest: 0.9, nonPublic: 1 },
    { busiest: 0.01, nonPublic: 0 },
  ]
  for (const shares of [hidden, hidden, shown, shown, hidden]) events.addressesSeen(shares, limits)
  expect(warnings).toHaveLength(2)
  const text = await metrics.registry.metrics()
  expect(text).toContain('millrace_enricher_busiest_address_ratio 0.9')
  expect(text).toContain('millrace_enricher_private_address_ratio 1')
})

import type { StoreOptions } from '@millrace/clickhouse'
import { keyRing } from '@millrace/intake'
import type { Logger, Metrics } from '@millrace/runtime'
import type { SiteDirectory } from '@millrace/sites'
import type { QueryRoute } from '../query-route.ts'
import { OctethInternalEvents } from './internal-events.ts'
import { OctethStore } from './octeth-store.ts'
import { propertiesRoute } from './properties-route.ts'
import { SubscriberLookup } from './subscriber-lookup.ts'
import { Subscribers } from './subscribers.ts'

const limits = {
  /** How long an event waits to hear whether its email is new; then the producer's own memory says. */
  lookupMsMax: 500,
  lookupBatchMax: 500,
  lookupsWaitingMax: 5_000,
  lookupPauseMs: 2_000,
  propertiesMsMax: 5_000,
  propertiesQuestionsMax: 8,
} as const

export interface OpenedOcteth {
  readonly subscribers: Subscribers
  readonly routes: readonly QueryRoute[]
  close(): Promise<void>
}

/** What the Octeth calls ask of ClickHouse, wired. It is first asked when a call needs it, so it may be gone. */
export function openOcteth(options: {
  readonly store: Omit<StoreOptions, 'requestMsMax'>
  readonly sites: () => SiteDirectory
  readonly retryAfterS: number
  readonly logger: Logger
  readonly metrics: Metrics
}): OpenedOcteth {
  const { sites, retryAfterS } = options
  const internalEvents = new OctethInternalEvents(options)
  const lookups = new OctethStore({ ...options.store, requestMsMax: limits.lookupMsMax })
  const questions = new OctethStore({ ...options.store, requestMsMax: limits.propertiesMsMax })
  const lookup = new SubscriberLookup({
    ask: (subscribers) => lookups.subscribers(subscribers),
    onAnswer: (result) => internalEvents.lookedUp(result),
    onTrouble: (why) => internalEvents.lookupFailed(why),
    now: Date.now,
    limits: {
      deadlineMs: limits.lookupMsMax,
      batchMax: limits.lookupBatchMax,
      waitingMax: limits.lookupsWaitingMax,
      pauseMs: limits.lookupPauseMs,
    },
  })
  const route = propertiesRoute({
    keys: keyRing(sites),
    store: questions,
    onTrouble: (why) => internalEvents.propertiesFailed(why),
    limits: { questionsMax: limits.propertiesQuestionsMax, retryAfterS },
  })
  return {
    subscribers: new Subscribers({ lookup }),
    routes: [route],
    close: async () => {
      await lookups.close()
      await questions.close()
    },
  }
}

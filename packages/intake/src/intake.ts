import { randomUUID } from 'node:crypto'
import type { BotDetector, ReferrerSpam, TrustedProxies } from '@millrace/enrichment'
import type { DecodedRequest, KeyRing, WireAnswer, WireRequest } from '@millrace/protocols'
import type { SiteDirectory } from '@millrace/sites'
import { botReason } from './bot-reason.ts'
import { clientFacts } from './client-facts.ts'
import { isRefusable } from './drop-rules.ts'
import type { EventRoute } from './event-routes.ts'
import { keyRing } from './key-ring.ts'
import { rawEventsOf } from './raw-events.ts'
import type { UnsequencedEvent } from './raw-records.ts'

export interface ReceivedRequest extends WireRequest {
  /** Address of the socket's other end. */
  readonly peer: string
}

/** The raw events of a request and how it is answered, or the protocol's refusal of it. */
export type TakenIn =
  (Omit<DecodedRequest, 'events'> & { readonly events: UnsequencedEvent[] }) | RefusedRequest
type RefusedRequest = WireAnswer & { readonly ok: false }

export interface IntakeOptions {
  readonly sites: () => SiteDirectory
  readonly trustedProxies: TrustedProxies
  readonly bots: Pick<BotDetector, 'reason'>
  readonly referrerSpam: Pick<ReferrerSpam, 'has'>
}

/** Reads requests: the same for one that comes now and for one that was captured earlier. */
export class Intake {
  readonly #options: IntakeOptions
  readonly #keys: KeyRing

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#keys = keyRing(options.sites)
  }

  /**
   * Decodes a request and applies the rules of the door; events refused by a rule are among the events, with the reason.
   * @param receivedAt Unix milliseconds; every event of the request shares it
   */
  read(route: EventRoute, request: ReceivedRequest, receivedAt: number): TakenIn {
    const { sites, trustedProxies, bots, referrerSpam } = this.#options
    const client = clientFacts(request, trustedProxies)
    const decoded = route.decode(request, {
      keys: this.#keys,
      newId: randomUUID,
      isBot: (userAgent) => isRefusable(botReason(userAgent, client, bots)),
    })
    if (!decoded.ok) return decoded
    const events = rawEventsOf(decoded.events, {
      protocol: route.protocol,
      receivedAt,
      client,
      sites: sites(),
      bots,
      referrerSpam,
    })
    const { accepted, subscriber } = decoded
    return subscriber === undefined
      ? { ok: true, events, accepted }
      : { ok: true, events, accepted, subscriber }
  }
}

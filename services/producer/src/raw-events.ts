import type { BotDetector, ReferrerSpam } from '@millrace/enrichment'
import { isVerificationAgent } from '@millrace/enrichment'
import type { DropReason, Protocol } from '@millrace/events'
import type { DecodedEvent } from '@millrace/protocols'
import { storesRevenue, type Site, type SiteDirectory } from '@millrace/sites'
import type { ClientFacts } from './client-facts.ts'
import { dropReason } from './drop-rules.ts'
import type { UnsequencedEvent } from './raw-records.ts'

export interface RawEventContext {
  readonly protocol: Protocol
  /** The producer's clock at receipt, Unix milliseconds; every event of the request shares it. */
  readonly receivedAt: number
  readonly client: ClientFacts
  readonly sites: SiteDirectory
  readonly bots: Pick<BotDetector, 'reason'>
  readonly referrerSpam: Pick<ReferrerSpam, 'has'>
}

/** One raw event per decoded event and site addressed, refused ones with their reason, in the order of the request. */
export function rawEventsOf(events: readonly DecodedEvent[], context: RawEventContext): UnsequencedEvent[] {
  const { client } = context
  const found = {
    botReason: context.bots.reason(client.userAgent),
    isVerificationAgent: isVerificationAgent(client.userAgent),
  }
  return events.flatMap((event) => {
    const facts = { ...found, isReferrerSpam: context.referrerSpam.has(event.referrer) }
    return event.sites.map((domain, index) => {
      const site = context.sites.find(domain)
      const drop = dropReason({
        site,
        hostname: event.hostname,
        pathname: event.pathname,
        ip: client.ip,
        ipType: client.ipType,
        ...facts,
      })
      const repeat = event.sites.indexOf(domain) === index ? 0 : index
      const botReason = drop === undefined ? facts.botReason : undefined
      return rawEvent(event, { context, domain, site, drop, botReason, repeat })
    })
  })
}

function rawEvent(
  event: DecodedEvent,
  options: {
    readonly context: RawEventContext
    readonly domain: string
    readonly site: Site | undefined
    readonly drop: DropReason | undefined
    readonly botReason: string | undefined
    readonly repeat: number
  },
): UnsequencedEvent {
  const { context, domain, site, drop, botReason, repeat } = options
  const { client } = context
  const { sites: _sites, revenue, clientEventId, ...own } = event
  const isVpn = client.ipType === 'anonymous_vpn_ip'
  return {
    ...own,
    protocol: context.protocol,
    site: site?.domain ?? domain,
    receivedAt: context.receivedAt,
    ip: client.ip,
    userAgent: client.userAgent,
    language: client.language,
    ...(revenue === undefined || (site !== undefined && !storesRevenue(site, event.name)) ? {} : { revenue }),
    // A site named twice in one request gets two events, so the second needs an id of its own.
    ...(clientEventId === undefined
      ? {}
      : { clientEventId: repeat === 0 ? clientEventId : `${clientEventId}#${String(repeat)}` }),
    ...(isVpn ? { ipType: 'anonymous_vpn_ip' as const } : {}),
    ...(client.clientHints === undefined ? {} : { clientHints: client.clientHints }),
    ...(drop === undefined ? {} : { drop }),
    ...(botReason === undefined ? {} : { botReason }),
  }
}

import type { BotDetector, ReferrerSpam } from '@millrace/enrichment'
import { isVerificationAgent, storedVisitorId } from '@millrace/enrichment'
import type { DropReason, Protocol } from '@millrace/events'
import type { DecodedEvent } from '@millrace/protocols'
import { storesRevenue, type Site, type SiteDirectory } from '@millrace/sites'
import { botReason } from './bot-reason.ts'
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
  const found = agentFacts(client.userAgent, context)
  const raw: UnsequencedEvent[] = []
  for (const event of events) {
    const { userAgent, hostname, pathname, sites } = event
    const agent = userAgent === undefined ? found : agentFactsOf(userAgent, context)
    const isReferrerSpam = context.referrerSpam.has(event.referrer)
    for (const [index, domain] of sites.entries()) {
      const site = context.sites.find(domain)
      const drop = dropReason({
        site,
        hostname,
        pathname,
        ip: client.ip,
        ipType: client.ipType,
        isReferrerSpam,
        isVerificationAgent: agent.isVerificationAgent,
        botReason: agent.botReason,
      })
      const repeat = sites.indexOf(domain) === index ? 0 : index
      const botReason = drop === undefined ? agent.botReason : undefined
      raw.push(rawEvent(event, { context, domain, site, drop, botReason, repeat }))
    }
  }
  return raw
}

/** An unknown user agent says nothing, not even that there is none. */
function agentFactsOf(userAgent: string, context: RawEventContext) {
  return userAgent === ''
    ? { botReason: undefined, isVerificationAgent: false }
    : agentFacts(userAgent, context)
}

function agentFacts(userAgent: string, { bots, client }: RawEventContext) {
  return {
    botReason: botReason(userAgent, client, bots),
    isVerificationAgent: isVerificationAgent(userAgent),
  }
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
  const raw: UnsequencedEvent = {
    protocol: context.protocol,
    site: site?.domain ?? domain,
    name: storedName(event.name, context.protocol),
    receivedAt: context.receivedAt,
    hostname: event.hostname,
    pathname: event.pathname,
    query: event.query,
    title: event.title,
    referrer: event.referrer,
    props: event.props,
    interactive: event.interactive,
    scrollDepth: event.scrollDepth,
    engagementMs: event.engagementMs,
    ip: client.ip,
    userAgent: event.userAgent ?? client.userAgent,
    language: client.language,
  }
  const { revenue, visitorId, clientEventId, occurredAt, overrides, malformed } = event
  if (revenue !== undefined && keepsRevenue(context, site, event.name)) raw.revenue = revenue
  if (visitorId !== undefined) {
    raw.visitorId = site?.emails === 'clear' ? visitorId.trim() : storedVisitorId(visitorId)
  }
  if (occurredAt !== undefined) raw.occurredAt = occurredAt
  if (overrides !== undefined) raw.overrides = overrides
  if (malformed !== undefined) raw.malformed = malformed
  if (clientEventId !== undefined) {
    // A site named twice in one request gets two events, so the second needs an id of its own.
    raw.clientEventId = repeat === 0 ? clientEventId : `${clientEventId}#${String(repeat)}`
  }
  if (client.ipType === 'anonymous_vpn_ip') raw.ipType = client.ipType
  // The hints are of the agent that sent the request.
  if (client.clientHints !== undefined && event.userAgent === undefined) raw.clientHints = client.clientHints
  if (drop !== undefined) raw.drop = drop
  if (botReason !== undefined) raw.botReason = botReason
  return raw
}

/** `engagement` is Plausible's event of scrolling and time, which opens no session; elsewhere it is a name like any other. */
function storedName(name: string, protocol: Protocol): string {
  return name === 'engagement' && protocol !== 'plausible' ? 'Engagement' : name
}

/** Only Plausible asks the site's goals: the other protocols' conversions have no name that a goal could have. */
function keepsRevenue({ protocol }: RawEventContext, site: Site | undefined, eventName: string): boolean {
  return protocol !== 'plausible' || site === undefined || storesRevenue(site, eventName)
}

import { emptyUserAgentReason, type IpType } from '@millrace/enrichment'
import type { DropReason } from '@millrace/events'
import { refuseByShield, type Site } from '@millrace/sites'

export interface DropFacts {
  /** Undefined when nobody has the site. */
  readonly site: Site | undefined
  readonly hostname: string
  readonly pathname: string
  /** Canonical text. */
  readonly ip: string
  readonly ipType: IpType | undefined
  readonly isReferrerSpam: boolean
  readonly isVerificationAgent: boolean
  /** What gives the user agent away as a bot. */
  readonly botReason: string | undefined
}

/**
 * The first rule that refuses the event for the site, in Plausible's order (its ingestion, section 9); undefined when none
 * does. Countries come later, in the enricher, which knows them.
 */
export function dropReason(facts: DropFacts): DropReason | undefined {
  const { site, ipType } = facts
  if (facts.isReferrerSpam) return 'spam_referrer'
  if (site === undefined) return 'not_found'
  if (facts.isVerificationAgent) return 'verification_agent'
  if (ipType === 'dc_ip' || ipType === 'threat_ip') return ipType
  const shield = refuseByShield(site, facts)
  if (shield !== undefined) return shield
  return isRefusable(facts.botReason) && site.bots === 'drop' ? 'bot' : undefined
}

/** Without a user agent an event is marked, but taken: Plausible does, and servers that send for visitors have none. */
export function isRefusable(botReason: string | undefined): boolean {
  return botReason !== undefined && botReason !== emptyUserAgentReason
}

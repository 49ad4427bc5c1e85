import type { BotDetector } from '@millrace/enrichment'
import type { ClientFacts } from './client-facts.ts'

/**
 * What gives a visitor away as a bot. The sender's client hints and address count for the sender's own user agent alone: a
 * server that sends for a visitor names another one in the body.
 */
export function botReason(
  userAgent: string,
  client: Pick<ClientFacts, 'userAgent' | 'clientHints' | 'ip'>,
  bots: Pick<BotDetector, 'reason'>,
): string | undefined {
  return bots.reason(userAgent, userAgent === client.userAgent ? client : {})
}

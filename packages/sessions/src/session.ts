import type { EnrichedEvent } from '@millrace/events'

/**
 * What a session takes from the event that opened it; every row carries these values. Those of device and place change with
 * an event that overrides them: its row and those after it, in the order of the log, carry the new ones.
 */
export const firstTouchColumns = [
  'referrer',
  'source',
  'channel',
  'utmSource',
  'utmMedium',
  'utmCampaign',
  'utmContent',
  'utmTerm',
  'clickIdParam',
  'country',
  'subdivision1',
  'subdivision2',
  'cityGeonameId',
  'city',
  'asn',
  'browser',
  'browserVersion',
  'os',
  'osVersion',
  'device',
  'language',
] as const satisfies readonly (keyof EnrichedEvent)[]

export type FirstTouch = Readonly<Pick<EnrichedEvent, (typeof firstTouchColumns)[number]>>

/** A run of one visitor's events on one site without a silence longer than the inactivity gap. */
export interface Session {
  /** Timestamp of the event that opened it, Unix seconds: the upper 32 bits of `session_id`. */
  readonly start: number
  /** `sessionHash(site, userId)`: the lower 32 bits of `session_id`, unsigned. */
  readonly hash: number
  /** The visitor's id when it was opened, 16 hex digits; all its rows carry it, also after midnight. */
  readonly userId: string
  /** Greatest timestamp of its events, Unix seconds. */
  readonly lastActivity: number
  /** As its newest row carries it. */
  readonly firstTouch: FirstTouch
}

/** A session as the rows of `events` tell of it: device and place are those of the row with the greatest offset. */
export interface StoredSession extends Session {
  readonly site: string
}

/** Written out, as it runs once for each new session. */
export function firstTouchOf(event: FirstTouch): FirstTouch {
  return {
    referrer: event.referrer,
    source: event.source,
    channel: event.channel,
    utmSource: event.utmSource,
    utmMedium: event.utmMedium,
    utmCampaign: event.utmCampaign,
    utmContent: event.utmContent,
    utmTerm: event.utmTerm,
    clickIdParam: event.clickIdParam,
    country: event.country,
    subdivision1: event.subdivision1,
    subdivision2: event.subdivision2,
    cityGeonameId: event.cityGeonameId,
    city: event.city,
    asn: event.asn,
    browser: event.browser,
    browserVersion: event.browserVersion,
    os: event.os,
    osVersion: event.osVersion,
    device: event.device,
    language: event.language,
  }
}

/** The values from an overriding event on; rare, so it may cost a copy. */
export function overriddenTouch(touch: FirstTouch, event: EnrichedEvent): FirstTouch {
  const columns = (event.overrides ?? []).map((name) => [name, event[name]] as const)
  return { ...touch, ...Object.fromEntries(columns) }
}

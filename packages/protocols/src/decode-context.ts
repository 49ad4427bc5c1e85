/** What decoders ask besides the request. */
export interface DecodeContext {
  readonly keys: KeyRing
  /** Whether the user agent gives itself away as a bot. */
  readonly isBot: (userAgent: string) => boolean
  /** A new random UUID (version 4). */
  readonly newId: () => string
}

/** Whom the keys of the keyed protocols belong to, each undefined where nobody has it. */
export interface KeyRing {
  kameleoonSite(siteCode: string): KeyedSite | undefined
  octethSite(listId: number): KeyedSite | undefined
  successeveSite(apiToken: string): KeyedSite | undefined
  /** Whether one of them is known; both empty is no caller. */
  admitsOcteth(caller: { readonly apiKey: string; readonly sessionId: string }): boolean
}

export interface KeyedSite {
  readonly domain: string
  /** The site asks for emails as they are; else only their SHA-256 may be stored. */
  readonly keepsEmails: boolean
}

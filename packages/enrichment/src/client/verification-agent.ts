const verificationAgents: ReadonlySet<string> = new Set([
  'Plausible Verification Agent - if abused, contact support@plausible.io',
  'Plausible Community Edition',
])

/** Whether it is one of Plausible's two installation checkers; exact full match. */
export function isVerificationAgent(userAgent: string): boolean {
  return verificationAgents.has(userAgent)
}

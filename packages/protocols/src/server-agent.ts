/** Browsers' user agents begin so. */
const browserAgent = /^(?:Mozilla|Opera)\//

/**
 * For protocols that servers speak too: the user agent of an HTTP library is no visitor's, and no reason to call one a bot.
 * @returns empty, for unknown, where the request's user agent is no browser's; undefined where it is
 */
export function serverAgent(userAgent: string): string | undefined {
  return browserAgent.test(userAgent) ? undefined : ''
}

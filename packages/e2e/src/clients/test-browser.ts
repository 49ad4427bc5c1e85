import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'
import { aBrowser } from '../pipeline-process.ts'

export type { Browser, Page, Response } from 'playwright-core'

const executablePath = '/usr/bin/chromium'
const flags =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking ' +
  '--disable-component-update --disable-sync'

/** What a test in a real browser lacks on this machine; undefined where it can run. */
export const browserUnavailable = existsSync(executablePath) ? undefined : `needs ${executablePath}`

/** @param sitesPort where every name under `.example` leads to, on 127.0.0.1 */
export function launchBrowser(sitesPort: number): Promise<Browser> {
  return chromium.launch({
    executablePath,
    // The user agent by flag: a context's own does not reach what a page sends while it is left.
    args: [
      ...flags.split(' '),
      `--user-agent=${aBrowser}`,
      `--host-resolver-rules=MAP *.example 127.0.0.1:${sitesPort}`,
    ],
  })
}

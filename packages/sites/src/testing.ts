import { parseSites } from './site-directory.ts'
import type { Site } from './site.ts'

/** A site as the sites file describes it. @throws OptionsError when it could not stand there */
export function aSite(entry: Readonly<Record<string, unknown>> = {}): Site {
  const [site] = parseSites(JSON.stringify({ sites: [{ domain: 'example.com', ...entry }] })).sites
  if (site === undefined) throw new Error('bug: no site')
  return site
}

import { OptionsError } from '@millrace/runtime'
import type * as z from 'zod'
import { compileIpRules } from './ip-rules.ts'
import { findJsonFault, formatPlace, placeOf } from './json-places.ts'
import { compilePattern } from './pattern.ts'
import { acceptAllKeys, indexKeys, type SiteKeysIndex } from './site-keys.ts'
import { siteWithoutRules, type RateLimit, type Site } from './site.ts'
import { formatPath, sitesFileSchema, type SiteEntry } from './sites-file.ts'

/** Every site that is accepted, as one version of the sites file says. */
export interface SiteDirectory extends SiteKeysIndex {
  /**
   * The site of that name, trimmed and without one leading `www.`; else exact, in case too. Undefined when it is not
   * accepted; the empty name never is.
   */
  find(domain: string): Site | undefined
  /** Without a sites file: every site is accepted, and for the keyed protocols every key. */
  readonly acceptsAll: boolean
  /** Sites that the file does not name are accepted without rules. Keys must be known all the same. */
  readonly acceptsUnknownSites: boolean
  /** The sites that the file names. */
  readonly sites: readonly Site[]
}

const problemsShownMax = 5

/** What holds without a sites file. */
export function acceptAllSites(): SiteDirectory {
  return directoryOf([], { acceptsAll: true, acceptsUnknownSites: true, ...acceptAllKeys() })
}

/**
 * @param text the file's content
 * @throws OptionsError saying in one line where the text is wrong and why
 */
export function parseSites(text: string): SiteDirectory {
  const json = text.startsWith('\ufeff') ? text.slice(1) : text
  const result = sitesFileSchema.safeParse(parseJson(json))
  if (!result.success) throw new OptionsError(describeIssues(result.error.issues, json))
  const { acceptUnknownSites, sites, octeth } = result.data
  const compiled = sites.map(compileSite)
  return directoryOf(compiled, {
    acceptsAll: false,
    acceptsUnknownSites: acceptUnknownSites,
    ...indexKeys(compiled, octeth),
  })
}

function directoryOf(sites: readonly Site[], rest: Omit<SiteDirectory, 'find' | 'sites'>): SiteDirectory {
  const byDomain = new Map(sites.map((site) => [site.domain, site]))
  return {
    ...rest,
    sites,
    find: (given) => {
      const domain = given.trim().replace(/^www\./, '')
      if (domain === '') return undefined
      return byDomain.get(domain) ?? (rest.acceptsUnknownSites ? siteWithoutRules(domain) : undefined)
    },
  }
}

function compileSite(entry: SiteEntry): Site {
  const { shields } = entry
  return {
    domain: entry.domain,
    bots: entry.bots,
    shields: {
      ips: compileIpRules(shields.ips),
      countries: new Set(shields.countries),
      pages: shields.pages.map(compilePattern),
      hostnames: shields.hostnames.map(compilePattern),
    },
    goals: new Map(entry.goals.map(({ eventName, currency }) => [eventName, { eventName, currency }])),
    acceptsAllRevenue: false,
    rateLimit: compileRateLimit(entry.rateLimit),
    emails: entry.emails,
    keys: {
      kameleoonSiteCodes: entry.kameleoon.siteCodes,
      octethListIds: entry.octeth.listIds,
      successeveApiTokens: entry.successeve.apiTokens,
    },
  }
}

function compileRateLimit(given: SiteEntry['rateLimit']): RateLimit | undefined {
  if (given === undefined) return undefined
  const { eventsPerSecond, burst = Math.max(1, Math.ceil(2 * eventsPerSecond)) } = given
  return { eventsPerSecond, burst }
}

/** @throws OptionsError with the place of the fault, and nothing of the text, which holds keys */
function parseJson(json: string): unknown {
  const fault = findJsonFault(json)
  if (fault !== undefined)
    throw new OptionsError(`is not JSON: ${fault.reason} (${formatPlace(json, fault.at)})`)
  return JSON.parse(json)
}

function describeIssues(issues: readonly z.core.$ZodIssue[], json: string): string {
  const shown = issues.slice(0, problemsShownMax).map((issue) => describeIssue(issue, json))
  const hidden = issues.length - shown.length
  return shown.join('; ') + (hidden > 0 ? `; and ${String(hidden)} more` : '')
}

function describeIssue(issue: z.core.$ZodIssue, json: string): string {
  const path = formatPath(issue.path)
  const [reason, at] =
    issue.code === 'unrecognized_keys'
      ? [
          `unknown key ${issue.keys.map((name) => `"${name}"`).join(', ')}`,
          placeOf(json, [...issue.path, issue.keys[0] ?? ''], { ofKey: true }),
        ]
      : [issue.message, placeOf(json, issue.path)]
  return `${path === '' ? '' : `${path}: `}${reason} (${formatPlace(json, at)})`
}

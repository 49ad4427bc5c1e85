import * as z from 'zod'
import { isIpRule } from './ip-rules.ts'

export const ipRulesMax = 30
export const countryRulesMax = 30
export const pageRulesMax = 30
export const hostnameRulesMax = 10
const ruleLengthMax = 250
const goalsMax = 1_000
const keysMax = 1_000
const keyLengthMax = 200
const sitesMax = 100_000
const eventsPerSecondMax = 1_000_000
const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))

const key = z.string().min(1).max(keyLengthMax).regex(/^\S+$/, 'must hold no blanks')
const keys = z.array(key).max(keysMax).default([])

/** A list of rules, at most so many; the message says how many there may be. */
function rules<Rule extends z.ZodType>(rule: Rule, countMax: number) {
  return z
    .array(rule)
    .max(countMax, `at most ${String(countMax)} rules`)
    .default([])
}

const pattern = z
  .string()
  .min(1)
  .max(ruleLengthMax, `at most ${String(ruleLengthMax)} characters`)

const shieldsSchema = z.strictObject({
  ips: rules(z.string().refine(isIpRule, 'must be an IP address or a CIDR range'), ipRulesMax),
  countries: rules(
    z.string().regex(/^[A-Z][A-Z0-9]$/, 'must be an ISO 3166-1 alpha-2 code in capitals, or A1'),
    countryRulesMax,
  ),
  pages: rules(pattern.startsWith('/', 'must start with /'), pageRulesMax),
  hostnames: rules(pattern, hostnameRulesMax),
})

const goalSchema = z.strictObject({
  eventName: z.string().min(1).max(120),
  currency: z
    .string()
    .refine((code) => currencies.has(code), 'must be an ISO 4217 code in capitals')
    .optional(),
})

const rateLimitSchema = z.strictObject({
  eventsPerSecond: z.number().positive().max(eventsPerSecondMax),
  /** Default: what two seconds bring, at least 1. */
  burst: z
    .int()
    .min(1)
    .max(10 * eventsPerSecondMax)
    .optional(),
})

const siteSchema = z.strictObject({
  domain: z
    .string()
    .transform((domain) => domain.trim().replace(/^www\./, ''))
    .pipe(
      z
        .string()
        .min(1, 'must not be empty')
        .max(255)
        .regex(/^[^\s,]+$/, 'must hold no blanks and no commas'),
    ),
  bots: z.enum(['drop', 'mark']).default('drop'),
  shields: shieldsSchema.prefault({}),
  goals: z.array(goalSchema).max(goalsMax).default([]),
  kameleoon: z.strictObject({ siteCodes: keys }).prefault({}),
  octeth: z.strictObject({ listIds: z.array(z.int().min(0)).max(keysMax).default([]) }).prefault({}),
  successeve: z.strictObject({ apiTokens: keys }).prefault({}),
  rateLimit: rateLimitSchema.optional(),
  emails: z.enum(['hash', 'clear']).default('hash'),
})

/** The sites file as JSON: every key known, every rule within Plausible's limits of 30, 30, 30 and 10. */
export const sitesFileSchema = z
  .strictObject({
    acceptUnknownSites: z.boolean().default(false),
    sites: z.array(siteSchema).max(sitesMax).default([]),
    octeth: z.strictObject({ apiKeys: keys, sessionIds: keys }).prefault({}),
  })
  .superRefine((file, context) => {
    for (const { path, message } of findRepeats(file)) context.addIssue({ code: 'custom', path, message })
  })

export type SitesFile = z.infer<typeof sitesFileSchema>
export type SiteEntry = SitesFile['sites'][number]

interface Repeat {
  readonly path: (string | number)[]
  readonly message: string
}

/** A domain or key that names two sites would send events to either; a repeat within one list is a slip too. */
function findRepeats(file: {
  sites: SiteEntry[]
  octeth: { apiKeys: string[]; sessionIds: string[] }
}): Repeat[] {
  const { sites } = file
  const perSite = (path: string[], read: (site: SiteEntry) => readonly (string | number)[]) =>
    repeatsAcross(
      sites.flatMap((site, index) =>
        read(site).map((value, at) => ({ value, path: ['sites', index, ...path, at] })),
      ),
    )
  const goals = sites.flatMap((site, index) =>
    repeatsAcross(
      site.goals.map(({ eventName }, at) => ({ value: eventName, path: ['sites', index, 'goals', at] })),
    ),
  )
  const own = (name: 'apiKeys' | 'sessionIds') =>
    repeatsAcross(file.octeth[name].map((value, at) => ({ value, path: ['octeth', name, at] })))
  return [
    ...repeatsAcross(sites.map(({ domain }, index) => ({ value: domain, path: ['sites', index, 'domain'] }))),
    ...goals,
    ...perSite(['kameleoon', 'siteCodes'], (site) => site.kameleoon.siteCodes),
    ...perSite(['octeth', 'listIds'], (site) => site.octeth.listIds),
    ...perSite(['successeve', 'apiTokens'], (site) => site.successeve.apiTokens),
    ...own('apiKeys'),
    ...own('sessionIds'),
  ]
}

function repeatsAcross(entries: { value: string | number; path: (string | number)[] }[]): Repeat[] {
  const first = new Map<string | number, (string | number)[]>()
  const repeats: Repeat[] = []
  for (const { value, path } of entries) {
    const before = first.get(value)
    // The value itself may be a secret: say where, not what.
    if (before !== undefined) repeats.push({ path, message: `repeats ${formatPath(before)}` })
    else first.set(value, path)
  }
  return repeats
}

/** Such as `sites[0].shields.pages[3]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${String(part)}]` : `${index === 0 ? '' : '.'}${String(part)}`,
    )
    .join('')
}

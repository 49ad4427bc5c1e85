import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import {
  BotDetector,
  defaultTrustedProxies,
  lookUpPlace,
  openIabList,
  openReferrerSpam,
  parseTrustedProxies,
  type TrustedProxies,
} from '@millrace/enrichment'
import { OptionsError } from '@millrace/runtime'
import { openSites, type SiteDirectory } from '@millrace/sites'
import { explainClient, type ExplainedClient } from './explained-client.ts'
import { Intake, type IntakeOptions, type ReceivedRequest } from './intake.ts'

/** The options by their names in the environment. */
export interface IntakeConfig {
  readonly SITES_FILE?: string | undefined
  /** CIDRs, comma separated; undefined: loopback and private ranges. */
  readonly TRUSTED_PROXIES?: string | undefined
  readonly REFERRER_SPAM_FILE?: string | undefined
  /** For `explain` alone. */
  readonly GEO_CITY_DB?: string | undefined
  /** The IAB/ABC list: browsers and robots together, addresses where there are any. */
  readonly IAB_BROWSERS_FILE?: string | undefined
  readonly IAB_ROBOTS_FILE?: string | undefined
  readonly IAB_ADDRESSES_FILE?: string | undefined
}

export interface OpenIntakeOptions {
  readonly config: IntakeConfig
  readonly onReload: () => void
  readonly onRefused: (error: OptionsError) => void
}

export interface OpenedIntake {
  readonly intake: Intake
  /** The newest good version of the sites file. */
  readonly sites: () => SiteDirectory
  /** Whom the door takes the sender to be, and why. */
  readonly explain: (request: Pick<ReceivedRequest, 'peer' | 'headers'>) => Promise<ExplainedClient>
  close(): Promise<void>
}

/** Reads the files and lists that the rules of the door need. @throws OptionsError, one line, when one is bad */
export async function openIntake({ config, onReload, onRefused }: OpenIntakeOptions): Promise<OpenedIntake> {
  const rules = await openRules(config)
  const opened = await openSites({ file: config.SITES_FILE, onReload, onRefused })
  const sites = () => opened.current()
  return {
    intake: new Intake({ ...rules, sites }),
    sites,
    explain: (request) =>
      explainClient(request, {
        trustedProxies: rules.trustedProxies,
        placeOf: (ip) => lookUpPlace(ip, config.GEO_CITY_DB),
      }),
    close: () => opened.close(),
  }
}

export interface FixedIntake {
  readonly intake: Intake
  /** Of everything that decides which partition an event goes to; equal text means equal partitions. */
  readonly fingerprint: string
}

/** The rules as they are now, without following the sites file: what is read again gives the same. @throws OptionsError */
export async function openFixedIntake(config: IntakeConfig): Promise<FixedIntake> {
  const { SITES_FILE: file, TRUSTED_PROXIES: proxies = defaultTrustedProxies.join(',') } = config
  const rules = await openRules(config)
  const unheard = (): void => undefined
  const opened = await openSites({ file, onReload: unheard, onRefused: unheard })
  const sites = opened.current()
  await opened.close()
  const sitesText = file === undefined ? '' : await readFile(file, 'utf8')
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([sitesText, proxies]))
    .digest('hex')
  return { intake: new Intake({ ...rules, sites: () => sites }), fingerprint }
}

async function openRules(config: IntakeConfig): Promise<Omit<IntakeOptions, 'sites'>> {
  const trustedProxies = readTrustedProxies(config.TRUSTED_PROXIES)
  const referrerSpam = await openReferrerSpam(config.REFERRER_SPAM_FILE)
  return { trustedProxies, referrerSpam, bots: await openBots(config) }
}

async function openBots(config: IntakeConfig): Promise<BotDetector> {
  const { IAB_BROWSERS_FILE: browsers, IAB_ROBOTS_FILE: robots, IAB_ADDRESSES_FILE: addresses } = config
  try {
    return new BotDetector({ iab: await openIabList({ browsers, robots, addresses }, Date.now()) })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new OptionsError(`invalid options: ${reason}`, { cause: error })
  }
}

export function readTrustedProxies(given: string | undefined): TrustedProxies {
  try {
    return parseTrustedProxies(given?.split(',') ?? defaultTrustedProxies)
  } catch (error) {
    throw new OptionsError(`invalid options: TRUSTED_PROXIES: ${String(error)}`, { cause: error })
  }
}

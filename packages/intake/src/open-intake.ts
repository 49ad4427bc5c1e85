import {
  BotDetector,
  defaultTrustedProxies,
  openReferrerSpam,
  parseTrustedProxies,
  type TrustedProxies,
} from '@millrace/enrichment'
import { OptionsError } from '@millrace/runtime'
import { openSites, type SiteDirectory } from '@millrace/sites'
import { Intake } from './intake.ts'

export interface OpenIntakeOptions {
  /** The options by their names in the environment. */
  readonly config: {
    readonly SITES_FILE?: string | undefined
    /** CIDRs, comma separated; undefined: loopback and private ranges. */
    readonly TRUSTED_PROXIES?: string | undefined
    readonly REFERRER_SPAM_FILE?: string | undefined
  }
  readonly onReload: () => void
  readonly onRefused: (error: OptionsError) => void
}

export interface OpenedIntake {
  readonly intake: Intake
  /** The newest good version of the sites file. */
  readonly sites: () => SiteDirectory
  close(): Promise<void>
}

/** Reads the files and lists that the rules of the door need. @throws OptionsError, one line, when one is bad */
export async function openIntake({ config, onReload, onRefused }: OpenIntakeOptions): Promise<OpenedIntake> {
  const trustedProxies = readTrustedProxies(config.TRUSTED_PROXIES)
  const referrerSpam = await openReferrerSpam(config.REFERRER_SPAM_FILE)
  const opened = await openSites({ file: config.SITES_FILE, onReload, onRefused })
  const sites = () => opened.current()
  return {
    intake: new Intake({ sites, trustedProxies, bots: new BotDetector(), referrerSpam }),
    sites,
    close: () => opened.close(),
  }
}

function readTrustedProxies(given: string | undefined): TrustedProxies {
  try {
    return parseTrustedProxies(given?.split(',') ?? defaultTrustedProxies)
  } catch (error) {
    throw new OptionsError(`invalid options: TRUSTED_PROXIES: ${String(error)}`, { cause: error })
  }
}

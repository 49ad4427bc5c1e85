import { randomBytes } from 'node:crypto'
import {
  AcquisitionReader,
  AddressTraffic,
  createEnricher,
  openReferrerLists,
  openWatchedGeo,
} from '@millrace/enrichment'
import { openLog } from '@millrace/log'
import { delay, serveAdmin, type RunningService, type ServiceContext } from '@millrace/runtime'
import { isCountryShielded, openSites } from '@millrace/sites'
import { limits, type EnricherConfig } from './config.ts'
import { InternalEvents } from './internal-events.ts'
import type { OutcomeRules } from './outcome.ts'
import { startReading, type Reading } from './reading.ts'

/** What the enricher waits for before it reads; undefined once it does. */
interface Readiness {
  waitsFor: string | undefined
}

/** Starts the enricher; resolves when it reads, or when the log has not been there for a while and it waits on. */
export async function startEnricher(
  config: EnricherConfig,
  context: Pick<ServiceContext, 'logger' | 'metrics' | 'fail'>,
): Promise<RunningService> {
  const readiness: Readiness = { waitsFor: 'the geo databases' }
  let reading: Reading | undefined
  const internalEvents = new InternalEvents({
    logger: context.logger,
    metrics: context.metrics,
    progress: () => reading?.enricher.progress() ?? [],
  })
  const admin =
    config.ADMIN_PORT === undefined
      ? undefined
      : await serveAdmin({
          host: config.ADMIN_HOST,
          port: config.ADMIN_PORT,
          metrics: context.metrics,
          notReady: () => readiness.waitsFor,
        })
  const stopping = new AbortController()
  const rules = await openRules(config, internalEvents)
  readiness.waitsFor = 'the log'
  const starting = (async () => {
    const { fail } = context
    reading = await startReading({
      config,
      limits,
      openLog: () => openLog(config, { clientId: 'millrace-enricher' }),
      randomBytes,
      fail,
      internalEvents,
      rules,
      signal: stopping.signal,
    })
    readiness.waitsFor = undefined
  })().catch((error: unknown) => {
    if (!stopping.signal.aborted) context.fail(error)
  })
  await firstOf(starting, limits.promptStartMsMax)
  return {
    drain: async () => {
      readiness.waitsFor = 'the drain to end'
      stopping.abort()
      await starting
      await reading?.close()
      await rules.close()
      await admin?.close()
      internalEvents.drained()
    },
  }
}

async function openRules(
  config: EnricherConfig,
  internalEvents: InternalEvents,
): Promise<OutcomeRules & { close(): Promise<void> }> {
  const [openedGeo, sites, referrerLists] = await Promise.all([
    openWatchedGeo(
      {
        cityDb: config.GEO_CITY_DB,
        asnDb: config.GEO_ASN_DB,
        anonymousDb: config.GEO_ANONYMOUS_DB,
        classLists: config.IP_CLASS_LISTS,
      },
      {
        onReload: (version) => internalEvents.dataReloaded(version),
        onRefused: (error) => internalEvents.dataRefused(error),
      },
    ),
    openSites({
      file: config.SITES_FILE,
      onReload: () => internalEvents.sitesReloaded(),
      onRefused: (error) => internalEvents.sitesRefused(error),
    }),
    openReferrerLists(config.REFERRER_LISTS),
  ])
  const { geo } = openedGeo
  const acquisitions = new AcquisitionReader(referrerLists && { sources: referrerLists })
  const enrich = createEnricher({ geo, acquisitions })
  const traffic = new AddressTraffic({
    windowEvents: limits.addressWindowEvents,
    onWindow: (shares) => internalEvents.addressesSeen(shares, limits),
  })
  return {
    enrich: (raw, context) => {
      traffic.count(raw.ip, geo.isPublic(raw.ip))
      return enrich(raw, context)
    },
    isCountryShielded: (domain, country) => {
      const site = sites.current().find(domain)
      return site !== undefined && isCountryShielded(site, country)
    },
    close: async () => {
      await sites.close()
      await openedGeo.close()
    },
  }
}

/** Waits for the work, but no longer than this. */
async function firstOf(work: Promise<void>, msMax: number): Promise<void> {
  const giveUp = new AbortController()
  await Promise.race([work, delay(msMax, giveUp.signal)])
  giveUp.abort()
}

/**
 * Time and memory of recovering sessions, on a real engine:
 *
 *     node --expose-gc --import tsx --conditions=source services/sink/src/session-recovery.bench.ts \
 *       --sessions 1000000 --older 6000000 [--directory DIR]
 *
 * The table holds `sessions` sessions of three events that began within the last 90 minutes, and `older` events of the
 * days before; visitors, sites and places are spread as in real traffic. With a directory the table is kept for another
 * run. All partitions recover at the same time in one process, as in a single sink.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createStore, migrate, type Store } from '@millrace/clickhouse'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { SessionFold } from '@millrace/sessions'
import { ClickHouseSessionHistory } from './session-recovery.ts'

const partitions = 4
const database = 'millrace'
const windowS = 5_400
/** The end of the newest session. */
const now = Date.UTC(2026, 10, 21, 15) / 1000
const eventsOfSession = 3
const rowsPerInsert = 250_000

export interface Recovered {
  readonly sessions: number
  readonly rows: number
  /** All partitions, from the first question to the last fold. */
  readonly ms: number
  readonly cpuMs: number
  /** The longest time the event loop did not come round, in wall time: a busy machine counts. */
  readonly loopMsMax: number
  readonly loopMsP99: number
  /** Resident memory before, and its peak. */
  readonly rssBefore: number
  readonly rssMax: number
  /** Heap that stays, where the garbage collector can be called. */
  readonly heapBytesPerSession: number | undefined
  /** Of the engine's process, where the system tells. */
  readonly engineRssBefore: number | undefined
  readonly engineRssMax: number | undefined
  readonly engineCpuMs: number | undefined
}

/** Fills the table unless it is filled, and recovers its sessions. */
export async function measureRecovery(options: {
  readonly directory: string
  readonly sessions: number
  readonly older: number
}): Promise<Recovered> {
  const engine = await startEmbeddedClickHouse({ directory: options.directory, port: 0 })
  const server = { url: engine.url, user: 'default', password: '', database, requestMsMax: 600_000 }
  await migrate(server)
  const store = createStore(server)
  try {
    await fill(store, options)
    return await recover(store, { pid: engine.pid, sessionsMax: options.sessions })
  } finally {
    await store.close()
    await engine.close()
  }
}

async function recover(
  store: Store,
  { pid, sessionsMax }: { readonly pid: number; readonly sessionsMax: number },
): Promise<Recovered> {
  const history = new ClickHouseSessionHistory({ store, database, inactivityGapS: 1_800 })
  const rows = await rowCount(store)
  globalThis.gc?.()
  const heapBefore = process.memoryUsage().heapUsed
  const rssBefore = process.memoryUsage().rss
  const engineBefore = await engineUse(pid)
  const loop = monitorEventLoopDelay({ resolution: 5 })
  loop.enable()
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const knownFrom = now - windowS
  const folds = await Promise.all(
    Array.from({ length: partitions }, async (_, partition) => {
      const fold = new SessionFold({ inactivityGapS: 1_800, sessionsMax, knownFrom })
      const place = { partition, below: Number.MAX_SAFE_INTEGER }
      await history.since(place, { from: knownFrom, sessionsMax }, (sessions) => fold.restore(sessions))
      return fold
    }),
  )
  const ms = performance.now() - startedAt
  const cpu = process.cpuUsage(cpuBefore)
  loop.disable()
  const rssMax = process.resourceUsage().maxRSS * 1024
  const engineAfter = await engineUse(pid)
  globalThis.gc?.()
  const sessions = folds.reduce((sum, { size }) => sum + size, 0)
  const heap = process.memoryUsage().heapUsed - heapBefore
  return {
    sessions,
    rows,
    ms,
    cpuMs: (cpu.user + cpu.system) / 1000,
    loopMsMax: loop.max / 1e6,
    loopMsP99: loop.percentile(99) / 1e6,
    rssBefore,
    rssMax,
    heapBytesPerSession: globalThis.gc === undefined ? undefined : heap / sessions,
    engineRssBefore: engineBefore?.rss,
    engineRssMax: engineAfter?.rssMax,
    engineCpuMs: engineAfter && engineAfter.cpuMs - (engineBefore?.cpuMs ?? 0),
  }
}

async function rowCount(store: Store): Promise<number> {
  const [counted] = await store.query<{ rows: string }>(`SELECT count() AS rows FROM ${database}.events`)
  return Number(counted?.rows)
}

async function fill(
  store: Store,
  { sessions, older }: { readonly sessions: number; readonly older: number },
): Promise<void> {
  const active = sessions * eventsOfSession
  const found = await rowCount(store)
  if (found === active + older) return
  if (found > 0) throw new Error(`the directory holds ${found} rows of another run`)
  for (let from = 0; from < older; from += rowsPerInsert) {
    await store.command(insertEvents(olderEvents(older), from, Math.min(rowsPerInsert, older - from)))
  }
  for (let from = 0; from < active; from += rowsPerInsert) {
    await store.command(insertEvents(activeEvents(sessions), from, Math.min(rowsPerInsert, active - from)))
  }
}

/** Session `s`, its event `k`, its second of start; each event has an offset of its own that grows with its time. */
const activeEvents = (sessions: number): string => `
  intDiv(number, ${eventsOfSession}) AS s, number % ${eventsOfSession} AS k,
  intDiv(s * 5000, ${sessions}) AS second, ${now - windowS} + second AS start, start + k * 150 AS at,
  at * 2000 + k * 600 + s - intDiv(second * ${sessions}, 5000) AS place`

/** Sessions of four events, spread over the days before. */
const olderEvents = (older: number): string => `
  intDiv(number, 4) + 1000000000 AS s, number % 4 AS k,
  ${now - windowS - 300_600} + intDiv(intDiv(number, 4) * 4 * 299000, ${older}) AS start, start + k * 100 AS at,
  at * 2000 + k * 400 + s % 400 AS place`

function insertEvents(numbered: string, from: number, count: number): string {
  return `
    INSERT INTO ${database}.events (site, hostname, name, protocol, pathname, timestamp, user_id, session_id,
      referrer, source, channel, utm_source, utm_medium, utm_campaign, click_id_param,
      country, subdivision1, city_geoname_id, city, asn, browser, browser_version, os, os_version, device, language,
      kafka_partition, kafka_offset, raw_lead, enrichment_version)
    WITH ${numbered},
      cityHash64(s) AS user, cityHash64(s, 1) AS came, cityHash64(s, 2) AS uses, cityHash64(s, 3) AS lives,
      concat('site', toString(toUInt32(pow(1000, (user % 1000000) / 1000000))), '.example') AS site_name
    SELECT site_name, site_name, 'pageview', 'plausible', concat('/page-', toString(cityHash64(s, k) % 300)),
      toDateTime(at, 'UTC'), user, bitShiftLeft(toUInt64(start), 32) + user % 4294967296,
      if(came % 10 < 4, concat('https://referrer', toString(came % 2000), '.example/'), ''),
      if(came % 10 < 4, concat('Source ', toString(came % 200)), ''),
      ['Direct', 'Organic Search', 'Organic Social', 'Referral', 'Email'][1 + came % 5],
      if(uses % 10 = 0, ['google', 'newsletter', 'facebook'][1 + uses % 3], ''), if(uses % 10 = 0, 'cpc', ''),
      if(uses % 10 = 0, concat('campaign-', toString(uses % 200)), ''), if(uses % 20 = 0, 'gclid', ''),
      ['US', 'GB', 'DE', 'FR', 'IN', 'BR', 'JP', 'CA'][1 + lives % 8], concat('XX-', toString(lives % 300)),
      toUInt32(2000000 + lives % 5000), concat('City of ', toString(lives % 5000)), toUInt32(lives % 3000),
      ['Chrome', 'Safari', 'Firefox', 'Edge'][1 + uses % 4], concat(toString(100 + uses % 45), '.0'),
      ['Windows', 'Mac', 'iOS', 'Android', 'Linux'][1 + lives % 5], toString(10 + lives % 8),
      ['Desktop', 'Mobile', 'Tablet'][1 + user % 3], ['en', 'de', 'fr', 'es', 'pt'][1 + user % 5],
      toUInt16(user % ${partitions}), place, 5, 'bench'
    FROM numbers(${from}, ${count}) SETTINGS max_partitions_per_insert_block = 0`
}

/** Bytes and milliseconds, from /proc. */
async function engineUse(
  pid: number,
): Promise<{ readonly rss: number; readonly rssMax: number; readonly cpuMs: number } | undefined> {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => undefined)
  const [status, stat] = [await read('status'), await read('stat')]
  if (status === undefined || stat === undefined) return undefined
  const bytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1024
  // Behind the name in brackets; the fields count from the third on, in hundredths of a second.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return {
    rss: bytes('VmRSS'),
    rssMax: bytes('VmHWM'),
    cpuMs: (Number(fields[11]) + Number(fields[12])) * 10,
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      sessions: { type: 'string', default: '1000000' },
      older: { type: 'string', default: '6000000' },
      directory: { type: 'string' },
    },
  })
  const directory = values.directory ?? (await mkdtemp(join(tmpdir(), 'millrace-recovery-')))
  const measured = await measureRecovery({
    directory,
    sessions: Number(values.sessions),
    older: Number(values.older),
  })
  if (values.directory === undefined) await rm(directory, { recursive: true, force: true })
  process.stdout.write(`${JSON.stringify(measured, (_, value: unknown) => rounded(value), 2)}\n`)
}

function rounded(value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value) : value
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()

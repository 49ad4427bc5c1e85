import { createStore, type Store } from '@millrace/clickhouse'
import { consumerGroups, sinkGroups, topics } from '@millrace/events'
import { openLog, type Log } from '@millrace/log'
import { describeError } from '@millrace/runtime'
import { reportBooks } from './books-report.ts'
import { UsageError, type Command } from './command.ts'
import { doctorClientUsage, explainClientIp } from './doctor-client.ts'

/** One thing that was looked at: what was found, or what is wrong. */
interface Finding {
  readonly what: string
  readonly ok: boolean
  readonly detail: string
}

export const doctorCommand: Command = {
  usage: `doctor [${doctorClientUsage}]`,
  summary:
    'Looks at the store, the log, the lag of each consumer, the delivery audit and the books; exit code 1 when one is ill. ' +
    'With client-ip: whom the door takes the sender of such a request to be, hop by hop, and where that is.',
  async run([what, ...rest], context) {
    if (what === 'client-ip') return explainClientIp(rest, context)
    if (what !== undefined) throw new UsageError(`doctor does not know ${JSON.stringify(what)}`)
    const { config, terminal } = context
    const store = createStore({
      url: config.clickHouseUrl,
      database: config.CLICKHOUSE_DATABASE,
      user: config.CLICKHOUSE_USER,
      password: config.CLICKHOUSE_PASSWORD,
      requestMsMax: 35_000,
    })
    const findings: Finding[] = [await look('ClickHouse', () => describeStore(store, config.clickHouseUrl))]
    const hasStore = findings[0]?.ok === true
    if (hasStore) findings.push(await look('delivery audit', () => describeAudit(store)))
    const log = await lookAtLog(
      () => openLog(config, { clientId: 'millrace-doctor' }),
      sinkGroups(config.CLICKHOUSE_DATABASE),
    )
    findings.push(...log.findings)
    if (hasStore) findings.push(await lookAtBooks(store, log.behind))
    await store.close()
    for (const { what, ok, detail } of findings) terminal.print(`${ok ? 'ok  ' : 'ILL '} ${what}: ${detail}`)
    return findings.every(({ ok }) => ok) ? 0 : 1
  },
}

async function look(what: string, describe: () => Promise<string>): Promise<Finding> {
  try {
    return { what, ok: true, detail: await describe() }
  } catch (error) {
    return { what, ok: false, detail: describeError(error) }
  }
}

async function describeStore(store: Store, url: string): Promise<string> {
  const [row] = await store.query<{ version: string; migrations: string; events: string }>(
    'SELECT version() AS version, (SELECT count() FROM schema_migrations) AS migrations, (SELECT count() FROM events) AS events',
  )
  return `${row?.version ?? '?'} at ${url}, ${row?.migrations ?? '?'} migrations, ${row?.events ?? '?'} events`
}

async function describeAudit(store: Store): Promise<string> {
  const problems = await store.query<Record<string, unknown>>(
    'SELECT * FROM delivery_audit WHERE gaps != 0 OR duplicates != 0 OR raw_duplicates != 0',
  )
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  return 'no gap, no duplicate'
}

async function lookAtBooks(store: Store, behind: number | undefined): Promise<Finding> {
  try {
    return { what: 'books', ...(await reportBooks(store, { behind, now: Date.now() / 1000 })) }
  } catch (error) {
    return { what: 'books', ok: false, detail: describeError(error) }
  }
}

/** @returns also how many records the consumers are behind in all, undefined when that is not known */
async function lookAtLog(
  open: () => Promise<Log>,
  groups: ReturnType<typeof sinkGroups>,
): Promise<{ findings: Finding[]; behind: number | undefined }> {
  let log: Log
  try {
    log = await open()
  } catch (error) {
    return { findings: [{ what: 'log', ok: false, detail: describeError(error) }], behind: undefined }
  }
  const consumers = [
    { topic: topics.raw, group: consumerGroups.enricher },
    { topic: topics.enriched, group: groups.events },
    { topic: topics.deadLetter, group: groups.deadLetters },
    { topic: topics.books, group: groups.books },
  ]
  const findings: Finding[] = []
  let behind: number | undefined = 0
  try {
    for (const { topic, group } of consumers) {
      let lag: number | undefined
      findings.push(
        await look(topic, async () => {
          const lags = await lagsOf(log, topic, group)
          lag = lags.reduce((sum, own) => sum + own, 0)
          return `${lags.length} partitions, ${group} is ${lag} records behind (${lags.join(', ')})`
        }),
      )
      behind = behind === undefined || lag === undefined ? undefined : behind + lag
    }
    return { findings, behind }
  } finally {
    await log.close()
  }
}

/** Records that a group is behind, by partition. */
async function lagsOf(log: Log, topic: string, groupId: string): Promise<number[]> {
  const watermarks = await log.watermarks(topic)
  const committed = await log.committed(groupId, topic)
  return watermarks.map(({ partition, low, high }) => high - (committed.get(partition)?.offset ?? low))
}

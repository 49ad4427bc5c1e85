import { createStore, type Store } from '@millrace/clickhouse'
import { consumerGroups, sinkGroups, topics } from '@millrace/events'
import { openLog, type Log } from '@millrace/log'
import { describeError } from '@millrace/runtime'
import type { Command } from './command.ts'

/** One thing that was looked at: what was found, or what is wrong. */
interface Finding {
  readonly what: string
  readonly ok: boolean
  readonly detail: string
}

export const doctorCommand: Command = {
  usage: 'doctor',
  summary:
    'Looks at the store, the log, the lag of each consumer and the delivery audit; exit code 1 when one is ill.',
  async run(_args, { config, terminal }) {
    const store = createStore({
      url: config.clickHouseUrl,
      database: config.CLICKHOUSE_DATABASE,
      user: config.CLICKHOUSE_USER,
      password: config.CLICKHOUSE_PASSWORD,
      requestMsMax: 10_000,
    })
    const findings: Finding[] = [await look('ClickHouse', () => describeStore(store, config.clickHouseUrl))]
    if (findings[0]?.ok === true) findings.push(await look('delivery audit', () => describeAudit(store)))
    await store.close()
    findings.push(
      ...(await lookAtLog(
        () => openLog(config, { clientId: 'millrace-doctor' }),
        sinkGroups(config.CLICKHOUSE_DATABASE),
      )),
    )
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

async function lookAtLog(
  open: () => Promise<Log>,
  groups: ReturnType<typeof sinkGroups>,
): Promise<Finding[]> {
  let log: Log
  try {
    log = await open()
  } catch (error) {
    return [{ what: 'log', ok: false, detail: describeError(error) }]
  }
  try {
    return [
      await look(topics.raw, () => describeLag(log, topics.raw, consumerGroups.enricher)),
      await look(topics.enriched, () => describeLag(log, topics.enriched, groups.events)),
      await look(topics.deadLetter, () => describeLag(log, topics.deadLetter, groups.deadLetters)),
    ]
  } finally {
    await log.close()
  }
}

async function describeLag(log: Log, topic: string, groupId: string): Promise<string> {
  const watermarks = await log.watermarks(topic)
  const committed = await log.committed(groupId, topic)
  const lags = watermarks.map(({ partition, low, high }) => high - (committed.get(partition)?.offset ?? low))
  const total = lags.reduce((sum, lag) => sum + lag, 0)
  return `${watermarks.length} partitions, ${groupId} is ${total} records behind (${lags.join(', ')})`
}

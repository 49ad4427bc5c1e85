import { UsageError, type Command } from './command.ts'

export const sqlCommand: Command = {
  usage: 'sql "SELECT ..." [FORMAT]',
  summary: 'Asks ClickHouse; prints a table, or the named ClickHouse format (CSV, JSONEachRow, ...).',
  async run([sql, format = 'PrettyCompactMonoBlock'], { config, terminal }) {
    if (sql === undefined) throw new UsageError('say what to ask')
    const url = new URL(config.clickHouseUrl)
    url.searchParams.set('database', config.CLICKHOUSE_DATABASE)
    url.searchParams.set('default_format', format)
    url.searchParams.set('asterisk_include_alias_columns', '1')
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'x-clickhouse-user': config.CLICKHOUSE_USER,
        'x-clickhouse-key': config.CLICKHOUSE_PASSWORD,
      },
      body: sql,
    }).catch((cause: unknown) => {
      throw new Error(`no ClickHouse answers at ${config.clickHouseUrl}; is the pipeline running?`, { cause })
    })
    const text = (await response.text()).trimEnd()
    if (!response.ok) throw new Error(text)
    if (text !== '') terminal.print(text)
    return 0
  },
}

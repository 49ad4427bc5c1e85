import type { PipelineConfig } from './config.ts'

/** What a person at the terminal needs next: where to send, how to ask. */
export function welcome(config: PipelineConfig, clickHouseUrl: string): string {
  const producer = `http://127.0.0.1:${config.PORT}`
  const sites =
    config.SITES_FILE === undefined
      ? 'Every site and every key is accepted, because SITES_FILE is not set.'
      : `Sites are those of ${config.SITES_FILE}.`
  return `
Millrace is ready.

Send an event:
  curl -i ${producer}/api/event -H 'content-type: text/plain' -H 'user-agent: ${exampleUserAgent}' \\
    -d '{"n":"pageview","u":"https://example.com/pricing","d":"example.com"}'
Ask (a second later):
  curl '${clickHouseUrl}/?user=readonly&database=${config.CLICKHOUSE_DATABASE}' \\
    -d 'SELECT site, name, pathname, browser, country FROM events ORDER BY timestamp DESC LIMIT 5'
  npx millrace sql "SELECT site, entry_page, pageviews, duration, is_bounce FROM sessions"

${sites}
Data: ${config.DATA_DIR}. Log: ${config.KAFKA_BROKERS ?? 'embedded'}. ClickHouse: ${config.CLICKHOUSE_URL ?? `embedded, at ${clickHouseUrl}`}.
Stop with Ctrl-C; what was answered with 202 is kept.`
}

const exampleUserAgent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36'

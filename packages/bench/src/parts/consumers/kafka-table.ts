import { eventsTable } from '@millrace/clickhouse'

/** How people set the Kafka table up (a JSON row a message), and how it is tuned: one parse of each message in the view. */
export type KafkaTableForm = 'JSONEachRow' | 'RawBLOB'

/** ClickHouse's own way from Kafka into `events`: a table with the Kafka engine, and a view that carries the rows over. */
export function kafkaTableStatements(options: {
  readonly database: string
  readonly brokers: string
  readonly topic: string
  readonly groupName: string
  readonly form: KafkaTableForm
}): string[] {
  const { database, brokers, topic, groupName, form } = options
  const columns = eventsTable.columns.map(({ name, type }) => `${name} ${type}`).join(', ')
  const settings = {
    kafka_broker_list: brokers,
    kafka_topic_list: topic,
    kafka_group_name: groupName,
    kafka_format: form,
    kafka_num_consumers: 1,
    kafka_max_block_size: 65_536,
    kafka_poll_max_batch_size: 65_536,
    kafka_flush_interval_ms: 1_000,
  }
  const set = Object.entries(settings).map(([name, value]) => `${name} = ${literal(value)}`)
  const queueColumns = form === 'RawBLOB' ? 'raw String' : columns
  const names = eventsTable.columns.map(({ name }) =>
    form === 'RawBLOB' ? `tupleElement(row, '${name}') AS ${name}` : name,
  )
  const source =
    form === 'RawBLOB'
      ? `(SELECT JSONExtract(raw, 'Tuple(${columns.replaceAll("'", "\\'")})') AS row FROM ${database}.queue)`
      : `${database}.queue`
  return [
    `CREATE TABLE ${database}.queue (${queueColumns}) ENGINE = Kafka SETTINGS ${set.join(', ')}`,
    `CREATE MATERIALIZED VIEW ${database}.consumer TO ${database}.events AS SELECT ${names.join(', ')} FROM ${source}`,
  ]
}

function literal(value: string | number): string {
  return typeof value === 'number' ? String(value) : `'${value}'`
}

import { createStore, type Store } from '@millrace/clickhouse'
import { UsageError, type Command, type CommandContext } from './command.ts'
import { requeueLetters, type LetterPlace } from './requeue.ts'
import { sqlCommand } from './sql.ts'

const listed = 100

export const deadLettersCommand: Command = {
  usage: 'dead-letters list | show TOPIC PARTITION-OFFSET | requeue [PARTITION-OFFSET ...]',
  summary:
    `Shows the newest ${listed} records that could not be handled, or one whole; ` +
    'sends those of the enricher again after a fix, all or the named ones.',
  async run([action, ...args], context) {
    if (action === 'list') return list(context)
    if (action === 'show') return show(args, context)
    if (action !== 'requeue') throw new UsageError('say what to do with dead letters')
    const places = args.map(placeOf)
    return withStore(context, (store) => requeueLetters(places, { ...context, store }))
  },
}

function list(context: CommandContext): Promise<number> {
  const sql = `SELECT timestamp, stage, topic, concat(toString(kafka_partition), '-', toString(kafka_offset)) AS place,
      cause, substring(record, 1, 60) AS record_start
    FROM dead_letters FINAL ORDER BY timestamp DESC LIMIT ${listed}`
  return sqlCommand.run([sql], context)
}

async function show([topic = '', place = '']: string[], context: CommandContext): Promise<number> {
  const { partition, offset } = placeOf(place)
  const letters = await withStore(context, (store) =>
    store.query<Record<string, unknown>>(
      `SELECT * FROM dead_letters FINAL
       WHERE topic = {topic:String} AND kafka_partition = {partition:UInt16} AND kafka_offset = {offset:UInt64}`,
      { topic, partition, offset },
    ),
  )
  for (const [name, value] of Object.entries(letters[0] ?? {}))
    context.terminal.print(`${name}: ${String(value)}`)
  if (letters.length === 0) context.terminal.warn(`no dead letter of ${topic} at ${place}`)
  return letters.length === 0 ? 1 : 0
}

function placeOf(text: string): LetterPlace {
  const [, partition, offset] = /^(\d{1,5})-(\d{1,15})$/.exec(text) ?? []
  if (partition === undefined || offset === undefined) {
    throw new UsageError(`${JSON.stringify(text)} is not a place such as 3-1200456`)
  }
  return { partition: Number(partition), offset: Number(offset) }
}

async function withStore<T>({ config }: CommandContext, work: (store: Store) => Promise<T>): Promise<T> {
  const store = createStore({
    url: config.clickHouseUrl,
    database: config.CLICKHOUSE_DATABASE,
    user: config.CLICKHOUSE_USER,
    password: config.CLICKHOUSE_PASSWORD,
    requestMsMax: 30_000,
  })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

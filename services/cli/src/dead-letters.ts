import { createStore, type Store } from '@millrace/clickhouse'
import { topics } from '@millrace/events'
import { UsageError, type Command, type CommandContext } from './command.ts'
import { topicOfStage, type LetterPlace, type LetterSelection } from './letter.ts'
import { requeueLetters } from './requeue.ts'
import { sqlCommand } from './sql.ts'

const listed = 100

export const deadLettersCommand: Command = {
  usage:
    'dead-letters list | show TOPIC PARTITION-OFFSET | requeue [enricher | sink | [TOPIC] PARTITION-OFFSET ...]',
  summary:
    `Shows the newest ${listed} records that could not be handled, or one whole; sends their events again after a fix: ` +
    'all, those of one stage, or the named ones. A place without a topic is one of the raw topic.',
  async run([action, ...args], context) {
    if (action === 'list') return list(context)
    if (action === 'show') return show(args, context)
    if (action !== 'requeue') throw new UsageError('say what to do with dead letters')
    const selection = selectionOf(args)
    return withStore(context, (store) => requeueLetters(selection, { ...context, store }))
  },
}

function list(context: CommandContext): Promise<number> {
  const sql = `SELECT timestamp, stage, topic, concat(toString(kafka_partition), '-', toString(kafka_offset)) AS place,
      cause, substring(record, 1, 60) AS record_start
    FROM dead_letters FINAL WHERE stage != 'requeued' ORDER BY timestamp DESC LIMIT ${listed}`
  return sqlCommand.run([sql], context)
}

async function show([topic = '', place = '']: string[], context: CommandContext): Promise<number> {
  const { partition, offset } = placeOf(place, topic)
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

/** Stages and places as the arguments name them; a topic counts for the places behind it. */
export function selectionOf(args: readonly string[]): LetterSelection {
  const stageTopics: string[] = []
  const places: LetterPlace[] = []
  let topic: string = topics.raw
  for (const arg of args) {
    const ofStage = topicOfStage[arg]
    if (ofStage !== undefined) stageTopics.push(ofStage)
    else if (Object.values<string>(topics).includes(arg)) topic = arg
    else places.push(placeOf(arg, topic))
  }
  if (stageTopics.length > 0 && places.length > 0) throw new UsageError('name a stage or places, not both')
  if (args.length > 0 && stageTopics.length + places.length === 0)
    throw new UsageError('name places behind the topic')
  return { topics: stageTopics, places }
}

function placeOf(text: string, topic: string): LetterPlace {
  const [, partition, offset] = /^(\d{1,5})-(\d{1,15})$/.exec(text) ?? []
  if (partition === undefined || offset === undefined) {
    throw new UsageError(`${JSON.stringify(text)} is not a place such as 3-1200456`)
  }
  return { topic, partition: Number(partition), offset: Number(offset) }
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

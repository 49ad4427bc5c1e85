import { topics } from '@millrace/events'

/** A row of `dead_letters` as the query gives it: numbers may come as text. */
export interface Letter {
  /** Unix seconds. */
  readonly failedAt: string | number
  readonly cause: string
  /** Base64. */
  readonly record: string
  /** Where the record lies that could not be handled. */
  readonly topic: string
  readonly partition: string | number
  readonly offset: string | number
}

/** A letter's place in the topic it was read from. */
export interface LetterPlace {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** Which of the letters that wait: of these topics (none: of all), and at these places (none: everywhere). */
export interface LetterSelection {
  readonly topics: readonly string[]
  readonly places: readonly LetterPlace[]
}

/** Which topic a stage reads: its letters' places are there. */
export const topicOfStage: Readonly<Record<string, string>> = {
  enricher: topics.raw,
  sink: topics.enriched,
}

/**
 * The end of a query over the letters that wait, those sent again left out.
 * @param after only the letters behind this place, in the order of topic, partition and offset
 */
export function lettersOf(selection: LetterSelection, after?: LetterPlace): string {
  const conditions = ["stage != 'requeued'"]
  if (selection.topics.length > 0)
    conditions.push(`topic IN (${selection.topics.map((topic) => quoted(topic)).join(', ')})`)
  if (selection.places.length > 0) conditions.push(`${placeColumns} IN (${tuples(selection.places)})`)
  if (after !== undefined) conditions.push(`${placeColumns} > ${tuples([after])}`)
  return `FROM dead_letters FINAL WHERE ${conditions.join(' AND ')}`
}

const placeColumns = '(topic, kafka_partition, kafka_offset)'

function tuples(places: readonly LetterPlace[]): string {
  return places
    .map(({ topic, partition, offset }) => `(${quoted(topic)}, ${partition}, ${offset})`)
    .join(', ')
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

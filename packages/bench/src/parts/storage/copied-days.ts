import { eventsTable } from '@millrace/clickhouse'

/**
 * How one stored day becomes many: SQL that writes the rows of a day again, shifted back by whole days, with visitors,
 * sessions and places in the log of their own. Copy 0 is the day itself.
 *
 * - Anonymous visitors get another id each day. Visitors who came with an id come again for 1, 4, 14 or 60 days, and are then
 *   replaced by another.
 * - Each visitor's events move up to an hour back beside the days, together, so that no day repeats the one before.
 * - `session_id` stays (start << 32) | hash, `raw_offset` beside `kafka_offset`, and (partition, offset) is unique: copies have
 *   partitions of their own, behind those of the log.
 */
export const copiedDays = 90

/** Table of the day that is copied, with the columns of `events`, and of its merged sessions. */
export const dayTable = 'bench_day'
export const daySessionsTable = 'bench_day_sessions'

const partitionsOfCopies = 15

/** A day's visitors as they are in a copy. `holder`: a visitor who came with an id. */
const identity = `
    cityHash64(user_id) AS visitor,
    [1, 1, 1, 1, 1, 4, 4, 14, 14, 60][visitor % 10 + 1] AS lifetime_days,
    if(visitor_id = '', copy, intDiv(copy + visitor % lifetime_days, lifetime_days)) AS generation,
    copy = 0 OR (visitor_id != '' AND generation = 0) AS is_original,
    toUInt32(copy * 86400 + if(copy = 0, 0, cityHash64(visitor, copy) % 3600)) AS shift_s,
    if(is_original, user_id, cityHash64(user_id, generation)) AS copied_user,
    if(copy = 0, bitAnd(session_id, 4294967295), bitAnd(cityHash64(copied_user, 'session'), 4294967295)) AS hash,
    bitOr(bitShiftLeft(bitShiftRight(session_id, 32) - shift_s, 32), hash) AS copied_session,
    if(is_original, visitor_id, ${otherText('visitor_id', 'generation')}) AS copied_visitor_id`

const eventColumns: Readonly<Record<string, string>> = {
  timestamp: 'timestamp - shift_s',
  user_id: 'copied_user',
  session_id: 'copied_session',
  visitor_id: 'copied_visitor_id',
  client_event_id: `if(copy = 0 OR client_event_id = '', client_event_id, ${otherText('client_event_id', 'copy')})`,
  kafka_partition: `kafka_partition + if(copy = 0, 0, partitions * (1 + copy % ${partitionsOfCopies}))`,
  kafka_offset: `kafka_offset + intDiv(copy, ${partitionsOfCopies}) * offsets`,
}

/** Hexadecimal digits, as many as the text has bytes: what ids and nonces look like, and as hard to compress. */
function otherText(column: string, salt: string): string {
  return `substring(lower(hex(SHA256(concat(${column}, '-', toString(${salt}))))), 1, length(${column}))`
}

/**
 * @param copies first and last, of 0 to 89
 * @param partitions of the log, and @param offsets above all that the day has in one of them
 */
export function copyEvents(
  [first, last]: readonly [number, number],
  { partitions, offsets }: { readonly partitions: number; readonly offsets: number },
): string {
  const names = eventsTable.columns.map(({ name }) => name)
  const values = names.map((name) => (name in eventColumns ? `${eventColumns[name]} AS out_${name}` : name))
  return `INSERT INTO events (${names.join(', ')})
SELECT ${names.map((name) => (name in eventColumns ? `out_${name}` : name)).join(', ')} FROM (
  WITH
    toUInt16(${partitions}) AS partitions,
    toUInt64(${offsets}) AS offsets,${identity}
  SELECT ${values.join(', ')}
  FROM ${dayTable} ARRAY JOIN range(toUInt32(${first}), toUInt32(${last + 1})) AS copy)`
}

/** The sessions of the same copies, as the view would have made them of the events. @param columns of `session_states` */
export function copySessions(
  [first, last]: readonly [number, number],
  { columns, offsets }: { readonly columns: readonly string[]; readonly offsets: number },
): string {
  const moved = (column: string): string =>
    `if(${column} IN (toDateTime(0, 'UTC'), toDateTime(4294967295, 'UTC')), ${column}, ${column} - shift_s)`
  const page = (column: string): string =>
    `tuple(${moved(`${column}.1`)}, ${column}.2 + if(${column}.4 = '' AND ${column}.2 = 0, 0, intDiv(copy, ${partitionsOfCopies}) * offsets), ${column}.3, ${column}.4)`
  const changed: Readonly<Record<string, string>> = {
    start: 'start - shift_s',
    user_id: 'copied_user',
    session_id: 'copied_session',
    visitor_id: 'copied_visitor_id',
    first_event_at: moved('first_event_at'),
    last_event_at: moved('last_event_at'),
    last_activity: 'last_activity - shift_s',
    entry: page('entry'),
    exit: page('exit'),
  }
  const values = columns.map((name) => (name in changed ? `${changed[name]} AS out_${name}` : name))
  return `INSERT INTO session_states (${columns.join(', ')})
SELECT ${columns.map((name) => (name in changed ? `out_${name}` : name)).join(', ')} FROM (
  WITH toUInt64(${offsets}) AS offsets,${identity}
  SELECT ${values.join(', ')}
  FROM ${daySessionsTable} ARRAY JOIN range(toUInt32(${first}), toUInt32(${last + 1})) AS copy)`
}

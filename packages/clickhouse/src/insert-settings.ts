/** The most rows of one insert: ClickHouse cuts what is larger than about a million rows into several blocks. */
export const insertRowsMax = 1_000_000
/** The most bytes of one insert, in Native format. */
export const insertBytesMax = 256 * 1024 * 1024

type Settings = Readonly<Record<string, string | number>>

/** What every insert fixes, whatever the server's defaults or the user's profile say. */
const insertSettings: Settings = {
  // Answer when the rows are stored, not when they are queued (26.x: asynchronous by default).
  async_insert: 0,
  insert_deduplicate: 1,
  // Without it a repeated insert is dropped in events and counted again in session_states (off before 26.x).
  deduplicate_blocks_in_dependent_materialized_views: 1,
  materialized_views_ignore_errors: 0,
  // One insert is one block, hence one part, hence stored wholly or not at all.
  max_partitions_per_insert_block: 1,
  throw_on_max_partitions_per_insert_block: 1,
  max_insert_block_size: insertRowsMax * 2,
  min_insert_block_size_rows: insertRowsMax * 2,
  min_insert_block_size_bytes: 0,
  min_insert_block_size_rows_for_materialized_views: 0,
  min_insert_block_size_bytes_for_materialized_views: 0,
  max_insert_threads: 1,
  // The view of sessions gives one row a session: nothing of a block is left to be merged as it is written.
  optimize_on_insert: 0,
  input_format_native_allow_types_conversion: 1,
  // The status line comes after the work, so that an error is never a body behind a 200.
  http_wait_end_of_query: 1,
}

/** Of the same kind, but not known to every server version. */
const newerInsertSettings: Settings = {
  // 26.x: overrides insert_deduplicate.
  deduplicate_insert: 'enable',
  max_insert_block_size_bytes: 0,
  // Through a Distributed table the answer comes after the shards have the rows.
  distributed_foreground_insert: 1,
}

export const newerInsertSettingNames: readonly string[] = Object.keys(newerInsertSettings)

/** @param known which of `newerInsertSettingNames` the server has */
export function insertSettingsFor(known: ReadonlySet<string>, token: string): Settings {
  const newer = Object.entries(newerInsertSettings).filter(([name]) => known.has(name))
  return { ...insertSettings, ...Object.fromEntries(newer), insert_deduplication_token: token }
}

/** What every query fixes: ids lose digits as JSON numbers, and an error must not follow half an answer. */
export const querySettings: Settings = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_decimals: 1,
  date_time_output_format: 'simple',
  join_use_nulls: 0,
  http_wait_end_of_query: 1,
}

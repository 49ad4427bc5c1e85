/** The engine's server configuration: memory, threads and caches small enough for a machine it shares. */
import type { EngineLimits } from './engine-options.ts'

/** @returns XML for `--config-file` */
export function engineConfig(limits: EngineLimits): string {
  const cacheBytes = Math.floor(limits.memoryBytesMax / 16)
  const values: Record<string, number | string> = {
    max_server_memory_usage: limits.memoryBytesMax,
    background_pool_size: limits.backgroundThreads,
    background_schedule_pool_size: 4,
    mark_cache_size: cacheBytes,
    primary_index_cache_size: cacheBytes,
    index_mark_cache_size: cacheBytes,
    query_condition_cache_size: Math.min(cacheBytes, 64 * 1024 ** 2),
    vector_similarity_index_cache_size: 0,
    text_index_tokens_cache_size: 0,
    text_index_header_cache_size: 0,
    text_index_postings_cache_size: 0,
    parquet_metadata_cache_size: 0,
    iceberg_metadata_files_cache_size: 0,
    compiled_expression_cache_size: 32 * 1024 ** 2,
    timezone: 'UTC',
  }
  // An insert is handed to the disk before it is answered, as the log's records are. (Tried with kill -9, not power loss.)
  const mergeTree = { fsync_after_insert: 1, fsync_part_directory: 1 }
  return `<clickhouse>\n${elements(values)}<merge_tree>\n${elements(mergeTree)}</merge_tree>\n</clickhouse>\n`
}

function elements(values: Readonly<Record<string, number | string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `  <${name}>${value}</${name}>\n`)
    .join('')
}

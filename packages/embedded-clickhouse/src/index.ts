/** The ClickHouse engine in a process of its own behind a ClickHouse HTTP endpoint. */
export {
  startEmbeddedClickHouse,
  type EmbeddedClickHouse,
  type EmbeddedClickHouseOptions,
  type EngineLogger,
  type ProcessEnd,
} from './start-embedded-clickhouse.ts'
export type { EngineLimits, EngineUser } from './engine-options.ts'

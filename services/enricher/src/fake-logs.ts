import { decodeDeadLetter, decodeEnrichedRecord, topics, type EnrichedRecord } from '@millrace/events'
import { anEnrichedEvent } from '@millrace/events/testing'
import {
  LogError,
  type AppendRecord,
  type Assignment,
  type CommittedPosition,
  type LogRecord,
} from '@millrace/log'
import { createLogger, Metrics } from '@millrace/runtime'
import { Enricher } from './enricher.ts'
import { InternalEvents } from './internal-events.ts'
import type { VisitorSalts } from './salts.ts'

/** The partition of the fake logs. */
export const partition = 5

/** The logs that outlive an enricher: raw records in, everything written, what was committed. */
export class FakeLogs {
  readonly raw: LogRecord[] = []
  readonly written: AppendRecord[] = []
  committed: CommittedPosition | undefined
  low = 0

  add(value: Buffer): void {
    this.raw.push({ offset: this.raw.length, key: null, value, appendedAt: 0 })
  }

  assignment(abort: AbortController): Assignment {
    let next = this.committed?.offset ?? this.low
    return {
      topic: topics.raw,
      partition,
      committed: this.committed,
      watermarks: { partition, low: this.low, high: this.raw.length },
      signal: abort.signal,
      seek: (offset) => {
        next = offset
      },
      fetch: ({ recordsMax }) => {
        if (next < this.low) {
          return Promise.reject(new LogError('gone', { code: 'OFFSET_OUT_OF_RANGE', retriable: false }))
        }
        const records = this.raw.slice(next, next + recordsMax)
        next += records.length
        if (records.length === 0) abort.abort()
        return Promise.resolve(records)
      },
      highWatermark: () => this.raw.length,
      pause: () => undefined,
      resume: () => undefined,
      commit: (position) => {
        this.committed = position
        return Promise.resolve()
      },
    }
  }

  /** What a reader of the enriched topic keeps: it drops whatever is not above the last raw offset. */
  stored(): EnrichedRecord[] {
    const kept: EnrichedRecord[] = []
    for (const { topic, value } of this.written) {
      if (topic !== topics.enriched) continue
      const record = decodeEnrichedRecord(value)
      if (record.rawOffset > (kept.at(-1)?.rawOffset ?? -1)) kept.push(record)
    }
    return kept
  }

  deadOffsets(): number[] {
    const letters = this.written.filter(({ topic }) => topic === topics.deadLetter)
    return [...new Set(letters.map(({ value }) => decodeDeadLetter(value).offset))]
  }
}

export interface EnricherChanges {
  readonly append?: (records: readonly AppendRecord[]) => Promise<unknown>
  readonly saltsFor?: (receivedAt: number) => Promise<VisitorSalts>
  readonly fetchRecordsMax?: number
  readonly appendRecordsMax?: number
  readonly rebuildRecordsMax?: number
}

/** An enricher that reads the fake logs to their end. Events named `poison` cannot be enriched. */
export function anEnricher(logs: FakeLogs, changes: EnricherChanges = {}) {
  const metrics = new Metrics()
  const logger = createLogger({ name: 'test', level: 'silent' })
  const append = (records: readonly AppendRecord[]) => {
    logs.written.push(...records)
    return Promise.resolve()
  }
  const enricher: Enricher = new Enricher({
    append: changes.append ?? append,
    saltsFor:
      changes.saltsFor ?? (() => Promise.resolve({ salt: Buffer.alloc(16), previousSalt: Buffer.alloc(16) })),
    rules: {
      enrich: (raw, { rawOffset }) => {
        if (raw.name === 'poison') throw new Error('cannot be enriched')
        return anEnrichedEvent({ rawOffset, name: raw.name })
      },
      isCountryShielded: () => false,
    },
    rawWatermarks: () =>
      Promise.resolve(
        Array.from({ length: 8 }, (_, index) => ({ partition: index, low: logs.low, high: logs.raw.length })),
      ),
    deadLetterPartitions: 4,
    internalEvents: new InternalEvents({ logger, metrics, progress: () => enricher.progress() }),
    now: () => Date.UTC(2026, 10, 21, 12),
    limits: {
      fetchRecordsMax: changes.fetchRecordsMax ?? 10,
      fetchWaitMsMax: 10,
      appendRecordsMax: changes.appendRecordsMax ?? 4,
      appendBytesMax: 900_000,
      rebuildRecordsMax: changes.rebuildRecordsMax ?? 50,
      rebuildWaitMsMax: 1_000,
    },
  })
  return { enricher, metrics, run: () => enricher.run(logs.assignment(new AbortController())) }
}

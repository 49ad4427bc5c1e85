import type { EnrichedEvent } from '@millrace/events'

/** One row of `events`: the enriched event, its session, its place in the log. */
export interface EventRow extends Omit<EnrichedEvent, 'kind' | 'previousUserId'> {
  /** `session_id` = (start in Unix seconds << 32) | hash: its upper and its lower 32 bits, unsigned. */
  readonly sessionStart: number
  readonly sessionHash: number
  /** Place of the enriched record. */
  readonly kafkaPartition: number
  readonly kafkaOffset: number
  /** The sink's clock at insert, Unix seconds. */
  readonly ingestedAt: number
}

/** One row of `dropped_events`. */
export interface DroppedEventRow {
  readonly site: string
  /** Unix seconds. */
  readonly timestamp: number
  readonly reason: string
  readonly protocol: string
  readonly hostname: string
  readonly pathname: string
  readonly userAgent: string
  readonly kafkaPartition: number
  readonly kafkaOffset: number
  readonly rawOffset: number
}

/** One row of `passed_over`: a record whose raw record is stored already. */
export interface PassedOverRow {
  readonly kafkaPartition: number
  readonly kafkaOffset: number
  readonly rawOffset: number
}

/** One row of `dead_letters`; partition and offset are those of the record that could not be handled. */
export interface DeadLetterRow {
  /** Unix seconds. */
  readonly timestamp: number
  readonly stage: string
  readonly cause: string
  /** The record's bytes. */
  readonly record: Buffer
  readonly topic: string
  readonly kafkaPartition: number
  readonly kafkaOffset: number
}

/** One row of `accepted_events`: a counter's total of one page. Of several the greatest is right. */
export interface AcceptedEventsRow {
  readonly site: string
  /** Of receipt, Unix seconds. */
  readonly minute: number
  /** Of the raw topic. */
  readonly kafkaPartition: number
  readonly counterId: string
  readonly page: number
  readonly accepted: number
  readonly lastRawOffset: number
  /** When the log got the total, Unix seconds. */
  readonly countedAt: number
}

/** Offsets are plain numbers: a log would need 285 years at a million records a second to leave the safe range. */
export interface Log {
  /**
   * Creates topics that are missing, with the given number of partitions and retention; existing ones stay as they are,
   * but for one that is to be secret and was not.
   * @throws LogError `PARTITION_COUNT_DIFFERS` when an existing topic has another number of partitions
   */
  createTopics(topics: readonly TopicSpec[]): Promise<void>
  /** @throws LogError `UNKNOWN_TOPIC` */
  partitionCount(topic: string): Promise<number>
  /** First retained and next free offset per partition, in partition order. */
  watermarks(topic: string): Promise<readonly Watermarks[]>
  /** What a group has committed, by partition; without an entry where it never committed. */
  committed(groupId: string, topic: string): Promise<ReadonlyMap<number, CommittedPosition>>
  appender(): Promise<LogAppender>
  consumer(options: ConsumerOptions): LogConsumer
  /**
   * Every record of a topic's partition from the first retained one on, then new ones as they come; no group.
   * Resolves when the records that were there at the call have been passed on.
   */
  follow(options: FollowOptions): Promise<{ stop(): Promise<void> }>
  /**
   * The record at an offset, as a copy that may be kept; undefined where none is: retention has passed it, or nothing has
   * been appended there yet. One record for each call: for what is read one by one, far apart.
   * @throws LogError `UNKNOWN_TOPIC`, `LOG_UNAVAILABLE`
   */
  read(place: RecordPlace): Promise<LogRecord | undefined>
  close(): Promise<void>
}

export interface TopicSpec {
  readonly topic: string
  readonly partitions: number
  readonly retentionMs: number
  /** Kafka only; the embedded log has one copy. */
  readonly replicationFactor?: number
  /**
   * Its records must be gone for good, bytes and all, soon after their retention has passed. For topics of a few small
   * records: each append costs the embedded log a file of its own. How soon: see `removeExpired` and `secretConfig`.
   */
  readonly isSecret?: boolean
}

export interface Watermarks {
  readonly partition: number
  readonly low: number
  readonly high: number
}

export interface AppendRecord {
  readonly topic: string
  readonly partition: number
  readonly key: Buffer | null
  readonly value: Buffer
}

export interface Position {
  readonly partition: number
  readonly offset: number
}

export interface RecordPlace extends Position {
  readonly topic: string
}

export interface LogAppender {
  /**
   * Appends all records, in order within a partition, and resolves with their places (same order as given) once they
   * are durable. One call at a time: a second call before the first has settled is a bug.
   * A rejection leaves it open whether some were written; a repeat of the call may then write them twice.
   * @throws LogError `LOG_UNAVAILABLE` (retriable), `LOG_FULL` (retriable), `RECORD_TOO_LARGE`
   */
  append(records: readonly AppendRecord[]): Promise<readonly Position[]>
  close(): Promise<void>
}

export interface LogRecord {
  readonly offset: number
  readonly key: Buffer | null
  /** A view that is valid for the record's handling only; copy what you keep. */
  readonly value: Buffer
  /** When it was appended, Unix milliseconds. */
  readonly appendedAt: number
}

export interface CommittedPosition {
  /** The next offset to read. */
  readonly offset: number
  /** The committer's own text, at most 4,000 bytes. */
  readonly metadata: string
}

export interface ConsumerOptions {
  readonly groupId: string
  readonly topic: string
  /** A member that is silent for longer loses its partitions. Default 30,000. */
  readonly sessionTimeoutMs?: number
  /** How long a revoked partition's loop may take to end before it is fenced. Default 10,000. */
  readonly revokeMsMax?: number
  /** The most record bytes fetched ahead of a partition's loop. Default 8 MiB. */
  readonly prefetchBytesMax?: number
}

/** What a member does with one partition while it owns it: a loop of fetch, work, commit that ends with the signal. */
export type PartitionLoop = (assignment: Assignment) => Promise<void>

export interface LogConsumer {
  /**
   * Joins the group and runs one loop for each partition that is assigned, until drained. Where a partition is taken
   * away its signal aborts, and the group waits for its loop to end (at most `revokeMsMax`).
   * Rejects when a loop rejects with anything but `PartitionLostError`, or when the group can no longer be a member of:
   * the service should then end its process.
   */
  run(loop: PartitionLoop): Promise<void>
  /** Takes nothing new, waits for the loops to end, leaves the group; `run` then resolves. */
  drain(): Promise<void>
}

/** One partition in the hands of one member of the group, for as long as it keeps it. */
export interface Assignment {
  readonly topic: string
  readonly partition: number
  /** What the group had committed when the partition was assigned. */
  readonly committed: CommittedPosition | undefined
  /** First retained and next free offset at assignment. */
  readonly watermarks: Watermarks
  /** Aborts when the partition is revoked, lost, or the consumer drains. Finish the step in hand, then return. */
  readonly signal: AbortSignal
  /** Sets the offset that the next fetch starts from. Before the first fetch it is the committed one, or the low watermark. */
  seek(offset: number): void
  /**
   * The next records in order, without a gap other than those the log itself has; waits up to `waitMsMax` for the first.
   * Empty when none came, or when the signal aborted. A partition whose loop does not fetch is paused.
   * @throws LogError `OFFSET_OUT_OF_RANGE` when the wanted offset is not retained; never a silent reset
   */
  fetch(limits: FetchLimits): Promise<readonly LogRecord[]>
  /** Next free offset of the partition, as last seen. */
  highWatermark(): number
  /** Stops fetching ahead until `resume`; what is already fetched is kept. */
  pause(): void
  resume(): void
  /**
   * Commits a position with its metadata under this assignment's generation.
   * Still possible after the signal aborted, while the group waits for the loop.
   * @throws PartitionLostError when the member no longer owns the partition: nothing was committed
   */
  commit(position: CommittedPosition): Promise<void>
}

export interface FetchLimits {
  readonly recordsMax: number
  readonly waitMsMax: number
}

export interface FollowOptions {
  readonly topic: string
  readonly partition: number
  readonly onRecord: (record: LogRecord) => void
  readonly onError: (error: unknown) => void
}

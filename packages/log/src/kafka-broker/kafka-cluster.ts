/** A real Kafka cluster for tests and for trying things out, with the levers that faults need. */
export interface KafkaCluster {
  /** `host:port` list, comma separated, as `KAFKA_BROKERS` has it. */
  readonly brokers: string
  /** Where it came from. */
  readonly source: 'docker' | 'environment' | 'java'
  readonly version: string
  /** The nodes that can be killed and frozen; empty for a cluster that is not ours. */
  readonly nodes: readonly KafkaNode[]
  close(): Promise<void>
}

export interface KafkaNode {
  readonly id: number
  /** `host:port` of its client listener. */
  readonly address: string
  readonly pid: number | undefined
  /** Where its logs and segments lie. */
  readonly directory: string
  /** Ends the node at once, as a power cut would. */
  kill(): Promise<void>
  /** Ends the node in order. */
  stop(): Promise<void>
  /** SIGSTOP: its sockets stay open and nothing answers. Resolves when it has stopped. */
  freeze(): Promise<void>
  /** SIGCONT. */
  thaw(): void
  /** Starts a killed or stopped node again, on its own data, and waits until it serves. */
  start(): Promise<void>
}

export interface KafkaClusterOptions {
  /** Default 1. */
  readonly brokers?: 1 | 3
  /** Default `kafkaVersions.current`. */
  readonly version?: string
  /** True: nodes that can be killed and frozen, so nodes of our own whatever else is there. Default false. */
  readonly faults?: boolean
  /** Heap of each node in MiB. Default 256. */
  readonly heapMib?: number
  /**
   * True: the quick compiler only, which starts sooner and serves slower. Default true; false for measurements.
   */
  readonly quickStart?: boolean
  /** Further lines of `server.properties`, for every node. */
  readonly properties?: Readonly<Record<string, string>>
}

/**
 * The versions that the suites run on: the newest 4.x that Maven Central holds completely (4.4.0 misses
 * kafka-tools-api, November 2026), and the newest 3.9.x.
 */
export const kafkaVersions = { current: '4.3.1', previous: '3.9.2' } as const

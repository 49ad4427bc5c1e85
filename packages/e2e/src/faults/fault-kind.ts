/** What a fault takes hold of; two faults of a round never share one. */
type Resource = 'producers' | 'enrichers' | 'sinks' | 'store' | 'way to the store' | 'brokers' | 'disk'

interface FaultKindSpec {
  /** The log it is for. */
  readonly log: 'any' | 'embedded' | 'one broker' | 'three brokers'
  /** How the services run: each in processes of its own, or all in one process (embedded log only). */
  readonly services: 'any' | 'separate' | 'all in one'
  readonly uses: readonly Resource[]
  readonly meaning: string
}

const allServices = ['producers', 'enrichers', 'sinks'] as const

const specs = {
  'kill-producer': {
    log: 'any',
    services: 'separate',
    uses: ['producers'],
    meaning: 'kill -9 of one producer, sometimes of both',
  },
  'kill-enricher': {
    log: 'any',
    services: 'separate',
    uses: ['enrichers'],
    meaning: 'kill -9 of one enricher, sometimes of all',
  },
  'kill-sink': {
    log: 'any',
    services: 'separate',
    uses: ['sinks'],
    meaning: 'kill -9 of one sink, sometimes of all, often in the middle of an insert',
  },
  'kill-everything': {
    log: 'any',
    services: 'separate',
    uses: allServices,
    meaning: 'kill -9 of all services in the same moment',
  },
  'kill-pipeline': {
    log: 'embedded',
    services: 'all in one',
    uses: allServices,
    meaning: 'kill -9 of the process that holds all services',
  },
  'freeze-producer': {
    log: 'any',
    services: 'separate',
    uses: ['producers'],
    meaning: 'SIGSTOP for some seconds, then SIGCONT',
  },
  'freeze-enricher': {
    log: 'any',
    services: 'separate',
    uses: ['enrichers'],
    meaning: 'SIGSTOP for longer than the session timeout, then SIGCONT',
  },
  'freeze-sink': {
    log: 'any',
    services: 'separate',
    uses: ['sinks', 'way to the store'],
    meaning: 'the same; often in an insert that ClickHouse gets only after another sink has taken over',
  },
  'freeze-pipeline': {
    log: 'embedded',
    services: 'all in one',
    uses: allServices,
    meaning: 'SIGSTOP of all services in one process for longer than the session timeout',
  },
  'kill-clickhouse': {
    log: 'any',
    services: 'any',
    uses: ['store'],
    meaning: 'kill -9 of ClickHouse in the middle of an insert, and started again',
  },
  'late-answers': {
    log: 'any',
    services: 'any',
    uses: ['way to the store'],
    meaning: 'inserts that ClickHouse answers after the client gave up',
  },
  'late-inserts': {
    log: 'any',
    services: 'any',
    uses: ['way to the store'],
    meaning: 'inserts that reach ClickHouse after the client gave up and has sent them again',
  },
  'cut-inserts': {
    log: 'any',
    services: 'any',
    uses: ['way to the store'],
    meaning: 'connections to ClickHouse cut in the middle of a request',
  },
  'lost-answers': {
    log: 'any',
    services: 'any',
    uses: ['way to the store'],
    meaning: 'connections to ClickHouse cut after the work, before the answer',
  },
  'kill-broker': {
    log: 'one broker',
    services: 'any',
    uses: ['brokers'],
    meaning: 'kill -9 of the only Kafka node',
  },
  'freeze-broker': {
    log: 'one broker',
    services: 'any',
    uses: ['brokers'],
    meaning: 'SIGSTOP of the only Kafka node, then SIGCONT',
  },
  'kill-leader': {
    log: 'three brokers',
    services: 'any',
    uses: ['brokers'],
    meaning: 'kill -9 of the Kafka node that leads most partitions',
  },
  'freeze-leader': {
    log: 'three brokers',
    services: 'any',
    uses: ['brokers'],
    meaning: 'SIGSTOP of that node for longer than its session with the controller, then SIGCONT',
  },
  'lose-quorum': {
    log: 'three brokers',
    services: 'any',
    uses: ['brokers'],
    meaning: 'kill -9 of two of three Kafka nodes, then back',
  },
  'full-disk': {
    log: 'embedded',
    services: 'any',
    uses: ['disk'],
    meaning: "the disk of the log's directory runs full, then has room again",
  },
  'rolling-restart': {
    log: 'any',
    services: 'any',
    uses: allServices,
    meaning: 'SIGTERM of every process in turn, each started again',
  },
  'scale-enrichers': {
    log: 'any',
    services: 'separate',
    uses: ['enrichers'],
    meaning: 'down to one enricher, up to four, and back to two',
  },
  'scale-sinks': {
    log: 'any',
    services: 'separate',
    uses: ['sinks'],
    meaning: 'down to one sink, up to four, and back to two',
  },
} as const satisfies Record<string, FaultKindSpec>

export type FaultKind = keyof typeof specs

export const faultKinds = Object.keys(specs) as readonly FaultKind[]

export function faultSpec(kind: FaultKind): FaultKindSpec {
  return specs[kind]
}

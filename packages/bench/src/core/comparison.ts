import { distributionOf, type Distribution } from './distribution.ts'
import {
  cpuMicrosPerEvent,
  eventsPerCpuSecond,
  eventsPerOwnCpuSecond,
  eventsPerSecond,
  type Sample,
} from './sample.ts'

/** One of the things that are compared: ours, or a yardstick. */
export interface Contender {
  readonly name: string
  /** Does the work once. Called once a round, in an order that changes from round to round. */
  measure(): Promise<Sample>
}

/** Which figure of a sample decides; more is better in each. */
export type Measure = keyof typeof figureOf

/** What we want: our figure divided by the yardstick's, median of the rounds. */
export interface Aim {
  /** Whose figure is divided; absent: the first contender's. */
  readonly subject?: string
  readonly yardstick: string
  readonly measure: Measure
  /** Undefined where DESIGN.md names no aim. */
  readonly ratioMin?: number
}

export interface Comparison {
  /** As in the table of aims, such as `sink`. */
  readonly part: string
  readonly log: 'embedded' | 'kafka' | 'none'
  /** First ours, then the yardsticks. */
  readonly contenders: readonly [Contender, ...Contender[]]
  readonly aims: readonly Aim[]
  /** Sizes, settings and counts that the figures rest on. */
  readonly conditions: Readonly<Record<string, string | number>>
}

export interface ContenderFigures {
  readonly name: string
  readonly samples: readonly Sample[]
  readonly eventsPerSecond: Distribution
  readonly eventsPerCpuSecond: Distribution
  readonly cpuMicrosPerEvent: Distribution
}

export interface Ratio extends Aim {
  readonly subject: string
  /** Round by round, so that what slows a whole round down slows both. */
  readonly ratio: Distribution
}

export interface ComparisonResult {
  readonly part: string
  readonly log: Comparison['log']
  readonly conditions: Comparison['conditions']
  readonly contenders: readonly ContenderFigures[]
  readonly ratios: readonly Ratio[]
}

const figureOf = {
  'events per second': eventsPerSecond,
  'events per CPU second': eventsPerCpuSecond,
  'events per CPU second of the process alone': eventsPerOwnCpuSecond,
} as const

/**
 * Measures every contender once a round, each round in the other direction, and compares within the rounds.
 * @param options.onSample called as each measurement is there
 */
export async function compare(
  comparison: Comparison,
  options: {
    readonly rounds: number
    readonly onSample: (contender: string, sample: Sample) => void
    readonly signal: AbortSignal
  },
): Promise<ComparisonResult> {
  const { part, log, contenders, aims, conditions } = comparison
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round < options.rounds; round++) {
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      options.signal.throwIfAborted()
      const sample = await contender.measure()
      samples.get(contender.name)?.push(sample)
      options.onSample(contender.name, sample)
    }
  }
  return {
    part,
    log,
    conditions,
    contenders: contenders.map(({ name }) => figuresOf(name, samples.get(name) ?? [])),
    ratios: aims.map((aim) => {
      const subject = aim.subject ?? contenders[0].name
      return { ...aim, subject, ratio: ratioOf(aim, samples.get(subject), samples.get(aim.yardstick)) }
    }),
  }
}

function figuresOf(name: string, samples: readonly Sample[]): ContenderFigures {
  return {
    name,
    samples,
    eventsPerSecond: distributionOf(samples.map(eventsPerSecond)),
    eventsPerCpuSecond: distributionOf(samples.map(eventsPerCpuSecond)),
    cpuMicrosPerEvent: distributionOf(samples.map(cpuMicrosPerEvent)),
  }
}

function ratioOf(
  aim: Aim,
  ours: readonly Sample[] | undefined,
  theirs: readonly Sample[] | undefined,
): Distribution {
  if (ours === undefined || theirs === undefined) {
    throw new Error(`no contender is called ${aim.yardstick} or ${aim.subject ?? ''}`)
  }
  const figure = figureOf[aim.measure]
  return distributionOf(
    theirs.map((sample, round) => {
      const own = ours[round]
      if (own === undefined) throw new Error('a round without our own sample')
      return figure(own) / figure(sample)
    }),
  )
}

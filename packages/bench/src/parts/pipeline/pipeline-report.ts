import type { ResultPlot, ResultTable } from '../../core/bench-part.ts'
import { distributionOf } from '../../core/distribution.ts'
import { shown } from '../../core/report.ts'
import type { Latency } from '../../core/sample.ts'
import { probePollMs, probeRate } from './probes.ts'
import type { Step } from './step.ts'

export const freshnessP99MsMax = 2_000

/** A pipeline's steps in the order of their loads, and the rounds at half of the highest that was sustained. */
export interface PipelineFigures {
  readonly name: string
  readonly processes: readonly string[]
  readonly steps: readonly Step[]
  readonly halfLoad: readonly Step[]
}

export function tableOf(figures: PipelineFigures, conditions: string): ResultTable {
  const { name, processes, steps, halfLoad } = figures
  const half = middleStep(halfLoad)
  return {
    title: `pipeline, ${name}`,
    method:
      `Open loop of generated traffic of all four protocols, in steps up to what is sustained (95 % accepted, and no more ` +
      `waiting at the end than inserts explain). Freshness: ${probeRate} marked events a second, from when each was due until ` +
      `a query finds it, asked every ${probePollMs} ms. After each step every accepted event was stored, once (at least once where some were refused). ${conditions}` +
      (half === undefined
        ? ''
        : ` The last row is the median of ${halfLoad.length} rounds at half of the highest sustained load; the aim is a p99 ` +
          `of the freshness under ${freshnessP99MsMax} ms there.`),
    columns: [
      'offered/s',
      'accepted/s',
      'stored/s',
      'sustained',
      'answer p50 / p99 / p99.9 ms',
      'freshness p50 / p99 ms',
      `CPU us/event: ${processes.join(' + ')}`,
      `MiB: ${processes.join(' + ')}`,
      'generator, % of a core',
      'freshness aim reached',
    ],
    rows: [
      ...steps.map((step) => [...rowOf(step), '']),
      ...(half === undefined
        ? []
        : [[...rowOf(half), half.freshnessMs.p99 < freshnessP99MsMax ? 'yes' : 'no']]),
    ],
  }
}

function rowOf(step: Step): (string | number)[] {
  const { answerMs, freshnessMs, cpuMicrosPerEvent } = step
  const cpu = cpuMicrosPerEvent.reduce((sum, micros) => sum + micros, 0)
  return [
    step.offered,
    step.accepted,
    step.stored,
    step.isSustained ? 'yes' : 'no',
    [answerMs.p50, answerMs.p99, answerMs.p999].map(shown).join(' / '),
    [freshnessMs.p50, freshnessMs.p99].map(shown).join(' / '),
    `${cpuMicrosPerEvent.map((micros) => shown(Math.round(micros))).join(' + ')} = ${shown(Math.round(cpu))}`,
    step.residentMib.map((mib) => shown(Math.round(mib))).join(' + '),
    Math.round(step.generatorShare * 100),
  ]
}

/** The median of rounds at one load, figure by figure; undefined of none. */
export function middleStep(steps: readonly Step[]): Step | undefined {
  const [first] = steps
  if (first === undefined) return undefined
  const median = (of: (step: Step) => number): number => distributionOf(steps.map(of)).median
  const latency = (of: (step: Step) => Latency): Latency => ({
    p50: median((step) => of(step).p50),
    p99: median((step) => of(step).p99),
    p999: median((step) => of(step).p999),
  })
  return {
    offered: first.offered,
    accepted: median(({ accepted }) => accepted),
    stored: median(({ stored }) => stored),
    isSustained: steps.every((step) => step.isSustained),
    waiting: median(({ waiting }) => waiting),
    answerMs: latency(({ answerMs }) => answerMs),
    freshnessMs: latency(({ freshnessMs }) => freshnessMs),
    probes: median(({ probes }) => probes),
    cpuMicrosPerEvent: first.cpuMicrosPerEvent.map((_, process) =>
      median(({ cpuMicrosPerEvent }) => cpuMicrosPerEvent[process] ?? 0),
    ),
    residentMib: first.residentMib.map((_, process) =>
      median(({ residentMib }) => residentMib[process] ?? 0),
    ),
    generatorShare: median(({ generatorShare }) => generatorShare),
  }
}

export function plotsOf(pipelines: readonly PipelineFigures[]): [ResultPlot, ResultPlot, ResultPlot] {
  const x = { title: 'events offered per second' }
  const points = (lines: Readonly<Record<string, (step: Step) => number>>): ResultPlot['points'] =>
    pipelines.flatMap(({ name, steps }) =>
      Object.entries(lines).flatMap(([line, of]) =>
        steps.map((step) => ({ series: `${name}, ${line}`, x: step.offered, y: of(step) })),
      ),
    )
  return [
    {
      name: 'pipeline-throughput',
      title: 'Pipeline: accepted and stored against offered load',
      x,
      y: { title: 'events per second' },
      points: points({ accepted: ({ accepted }) => accepted, stored: ({ stored }) => stored }),
    },
    {
      name: 'pipeline-latency',
      title: 'Pipeline: time to the answer against offered load',
      x,
      y: { title: 'milliseconds from when a request was due', scale: 'log' },
      points: points({ p50: ({ answerMs }) => answerMs.p50, p99: ({ answerMs }) => answerMs.p99 }),
    },
    {
      name: 'pipeline-freshness',
      title: 'Pipeline: time until a query finds an event against offered load',
      x,
      y: { title: 'milliseconds from when an event was due', scale: 'log' },
      points: points({
        p50: ({ freshnessMs }) => freshnessMs.p50,
        p99: ({ freshnessMs }) => freshnessMs.p99,
      }),
    },
  ]
}

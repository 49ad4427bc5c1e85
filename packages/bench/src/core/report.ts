import type { ResultPlot, ResultTable } from './bench-part.ts'
import type { ComparisonResult, ContenderFigures, Ratio } from './comparison.ts'
import type { Distribution } from './distribution.ts'
import type { Sample } from './sample.ts'

/** Everything a run found. */
export interface BenchResults {
  readonly machine: string
  readonly commit: string
  readonly startedAt: string
  readonly command: string
  /** Tiny counts: the figures mean nothing, so nothing is said to be reached. */
  readonly isQuick: boolean
  readonly comparisons: readonly ComparisonResult[]
  readonly tables: readonly ResultTable[]
  readonly plots: readonly ResultPlot[]
}

export function markdownOf(results: BenchResults): string {
  const { machine, commit, startedAt, command, isQuick, comparisons, tables, plots } = results
  return [
    `# Benchmark`,
    `${machine}; commit ${commit}; ${startedAt}; \`${command}\`.`,
    ...(isQuick ? ['A quick run: it shows that everything works, and nothing of how fast.'] : []),
    ...(comparisons.length === 0
      ? []
      : [ratiosTable(comparisons, isQuick), ...comparisons.map(figuresTable)]),
    ...tables.map(ownTable),
    ...plots.map(({ title, name }) => `![${title}](${name}.svg)`),
  ]
    .join('\n\n')
    .concat('\n')
}

function ratiosTable(comparisons: readonly ComparisonResult[], isQuick: boolean): string {
  const rows = comparisons.flatMap(({ part, log, ratios }) =>
    ratios.map((ratio) => [
      part,
      log,
      ratio.measure,
      ratio.subject,
      ratio.yardstick,
      spread(ratio.ratio),
      ratio.ratioMin === undefined ? '' : String(ratio.ratioMin),
      isQuick ? '' : verdict(ratio),
    ]),
  )
  const columns = ['part', 'log', 'measure', 'of', 'against', 'ratio: median (min to max)', 'aim', 'reached']
  return table(columns, rows)
}

function verdict({ ratio, ratioMin }: Ratio): string {
  if (ratioMin === undefined) return ''
  return ratio.median >= ratioMin ? 'yes' : 'no'
}

function figuresTable({ part, log, conditions, contenders }: ComparisonResult): string {
  const said = Object.entries(conditions).map(([name, value]) => `${name} ${shown(value)}`)
  const columns = [
    'contender',
    'events/s',
    'events/s and core',
    'CPU us/event',
    'MB/s',
    'p50 / p99 / p99.9 ms',
    'MiB resident',
    'more',
  ]
  return [`## ${part}, ${log} log`, said.join('; '), table(columns, contenders.map(figuresRow))].join('\n\n')
}

function figuresRow(figures: ContenderFigures): string[] {
  const { name, samples } = figures
  const last = samples.at(-1)
  const bytes = samples.flatMap((sample) =>
    sample.bytes === undefined ? [] : [sample.bytes / sample.seconds / 1e6],
  )
  const resident = samples.flatMap(({ residentMib }) => residentMib ?? [])
  const latencies = samples.flatMap(({ latencyMs }) => latencyMs ?? [])
  const middle = (of: (latency: (typeof latencies)[number]) => number): string =>
    shown([...latencies].map(of).toSorted((one, other) => one - other)[Math.floor(latencies.length / 2)] ?? 0)
  return [
    name,
    spread(figures.eventsPerSecond),
    spread(figures.eventsPerCpuSecond),
    spread(figures.cpuMicrosPerEvent),
    bytes.length === 0 ? '' : shown(Math.max(...bytes)),
    latencies.length === 0
      ? ''
      : `${middle(({ p50 }) => p50)} / ${middle(({ p99 }) => p99)} / ${middle(({ p999 }) => p999)}`,
    resident.length === 0 ? '' : shown(Math.max(...resident)),
    Object.entries({ ...own(last), ...last?.more })
      .map(([what, value]) => `${what} ${shown(value)}`)
      .join(', '),
  ]
}

function own(sample: Sample | undefined): Record<string, number> {
  if (sample?.ownCpuSeconds === undefined) return {}
  return { 'CPU us/event without the engine': (sample.ownCpuSeconds * 1e6) / sample.events }
}

function ownTable({ title, method, columns, rows }: ResultTable): string {
  const texts = rows.map((row) => row.map(shown))
  return [`## ${title}`, method, table(columns, texts)].join('\n\n')
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')
}

/** `median (min to max)` */
export function spread({ min, median, max }: Distribution): string {
  return `${shown(median)} (${shown(min)} to ${shown(max)})`
}

/** Three figures that count, thousands with commas; text as it is. */
export function shown(value: string | number): string {
  if (typeof value === 'string') return value
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}

import type { ResultPlot } from '../../core/bench-part.ts'
import { distributionOf } from '../../core/distribution.ts'
import { shown } from '../../core/report.ts'
import type { Latency } from '../../core/sample.ts'

/** Shares of the rate at which a server was saturated. */
export const loadShares = [0.1, 0.25, 0.5, 0.75, 0.9, 1, 1.1] as const

/** The aim is about this load; it is measured in every round, the others once. */
export const aimedShare = 0.5
export const p99MsMax = 25

/** What a server did at one offered load. */
export interface OfferedLoad {
  readonly server: string
  readonly share: number
  /** Requests a second. */
  readonly offered: number
  readonly achieved: number
  readonly latencyMs: Latency
}

/** Which loads are measured in which round, in order. */
export function sharesOf(round: number, isQuick: boolean): readonly number[] {
  if (isQuick) return [aimedShare]
  return round === 0 ? loadShares : [aimedShare]
}

/** The middle one of what was measured at the same load, figure by figure. */
export function middleOf(loads: readonly [OfferedLoad, ...OfferedLoad[]]): OfferedLoad {
  const median = (of: (load: OfferedLoad) => number): number => distributionOf(loads.map(of)).median
  const [{ server, share }] = loads
  return {
    server,
    share,
    offered: median(({ offered }) => offered),
    achieved: median(({ achieved }) => achieved),
    latencyMs: {
      p50: median(({ latencyMs }) => latencyMs.p50),
      p99: median(({ latencyMs }) => latencyMs.p99),
      p999: median(({ latencyMs }) => latencyMs.p999),
    },
  }
}

/** One for each server and load, in the order of the servers, then of the loads. */
export function byLoad(loads: readonly OfferedLoad[]): OfferedLoad[] {
  const found = new Map<string, [OfferedLoad, ...OfferedLoad[]]>()
  for (const load of loads) {
    const key = `${load.server} ${load.share}`
    const same = found.get(key)
    if (same === undefined) found.set(key, [load])
    else same.push(load)
  }
  const servers = [...new Set(loads.map(({ server }) => server))]
  return [...found.values()]
    .map(middleOf)
    .toSorted(
      (one, other) => servers.indexOf(one.server) - servers.indexOf(other.server) || one.share - other.share,
    )
}

/** @param isAimed whether the aim is about this server */
export function rowOf(load: OfferedLoad, isAimed: boolean): (string | number)[] {
  const { server, share, offered, achieved, latencyMs } = load
  const verdict = latencyMs.p99 < p99MsMax ? 'yes' : 'no'
  return [
    server,
    `${Math.round(share * 100)} %`,
    offered,
    achieved,
    latencyMs.p50,
    latencyMs.p99,
    latencyMs.p999,
    isAimed && share === aimedShare ? verdict : '',
  ]
}

/** For the progress. */
export function lineOf({ server, share, offered, achieved, latencyMs }: OfferedLoad): string {
  const { p50, p99, p999 } = latencyMs
  return (
    `${server} at ${Math.round(share * 100)} %: ${shown(achieved)} of ${shown(offered)} requests/s, ` +
    `p50 ${shown(p50)} ms, p99 ${shown(p99)} ms, p99.9 ${shown(p999)} ms`
  )
}

export const columns = [
  'server',
  'load',
  'offered/s',
  'achieved/s',
  'p50 ms',
  'p99 ms',
  'p99.9 ms',
  `p99 under ${p99MsMax} ms`,
] as const

export function plotsOf(loads: readonly OfferedLoad[]): [ResultPlot, ResultPlot] {
  return [
    {
      name: 'producer-throughput',
      title: 'Producer: answers against offered load',
      x: { title: 'requests offered per second' },
      y: { title: 'answers 202 per second' },
      points: loads.map(({ server, offered, achieved }) => ({ series: server, x: offered, y: achieved })),
    },
    {
      name: 'producer-latency',
      title: 'Producer: time to the answer against load',
      x: { title: 'offered load, percent of the saturated rate' },
      y: { title: 'milliseconds from when a request was due', scale: 'log' },
      points: loads.flatMap(({ server, share, latencyMs }) => [
        { series: `${server}, p50`, x: share * 100, y: latencyMs.p50 },
        { series: `${server}, p99`, x: share * 100, y: latencyMs.p99 },
      ]),
    },
  ]
}

import { describe, expect, it } from 'vitest'
import { byLoad, loadShares, plotsOf, rowOf, sharesOf, type OfferedLoad } from './offered-load.ts'

describe('offered loads', () => {
  it('are all measured once, and the one that the aim is about in every round', () => {
    expect([0, 1, 2].map((round) => sharesOf(round, false))).toEqual([loadShares, [0.5], [0.5]])
    expect(sharesOf(0, true)).toEqual([0.5])
  })

  it('are told by the median of their rounds, server by server', () => {
    const loads = [
      aLoad({ server: 'ours', share: 1, p99: 90 }),
      aLoad({ server: 'theirs', p99: 1 }),
      ...[30, 10, 20].map((p99) => aLoad({ server: 'ours', p99 })),
    ]
    expect(byLoad(loads).map(({ server, share, latencyMs }) => [server, share, latencyMs.p99])).toEqual([
      ['ours', 0.5, 20],
      ['ours', 1, 90],
      ['theirs', 0.5, 1],
    ])
  })

  it.each([
    { p99: 24.9, share: 0.5, isAimed: true, verdict: 'yes' },
    { p99: 25, share: 0.5, isAimed: true, verdict: 'no' },
    { p99: 90, share: 1, isAimed: true, verdict: '' },
    { p99: 1, share: 0.5, isAimed: false, verdict: '' },
  ])('say whether the aim is reached: $verdict', ({ p99, share, isAimed, verdict }) => {
    expect(rowOf(aLoad({ p99, share }), isAimed).at(-1)).toBe(verdict)
  })

  it('are points of two plots', () => {
    const [throughput, latency] = plotsOf([aLoad({ server: 'ours', p99: 8 })])
    expect(throughput.points).toEqual([{ series: 'ours', x: 100, y: 99 }])
    expect(latency.points).toEqual([
      { series: 'ours, p50', x: 50, y: 1 },
      { series: 'ours, p99', x: 50, y: 8 },
    ])
  })
})

function aLoad(given: { server?: string; share?: number; p99: number }): OfferedLoad {
  const { server = 'ours', share = 0.5, p99 } = given
  return { server, share, offered: 100, achieved: 99, latencyMs: { p50: 1, p99, p999: p99 } }
}

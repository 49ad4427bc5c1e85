import { describe, expect, it } from 'vitest'
import { middleStep, plotsOf, tableOf } from './pipeline-report.ts'
import type { Step } from './step.ts'

describe('the report of a pipeline', () => {
  it('ends with the median of the rounds at half load, and whether the aim is reached', () => {
    const halfLoad = [1_900, 2_500, 1_200].map((p99) => aStep({ offered: 500, p99 }))
    const { rows, columns } = tableOf(figures({ halfLoad }), '')
    expect(rows).toHaveLength(2)
    expect(rows.every((row) => row.length === columns.length)).toBe(true)
    expect(rows[0]?.at(-1)).toBe('')
    expect([rows[1]?.[0], rows[1]?.[5], rows[1]?.at(-1)]).toEqual([500, '40 / 1,900', 'yes'])
  })

  it('says that the aim is missed', () => {
    const { rows } = tableOf(figures({ halfLoad: [aStep({ p99: 2_000 })] }), '')
    expect(rows.at(-1)?.at(-1)).toBe('no')
  })

  it('tells the CPU time of each process and of all', () => {
    expect(tableOf(figures({}), '').rows[0]?.[6]).toBe('100 + 50 = 150')
  })

  it('has no half load where nothing was sustained', () => {
    expect(tableOf(figures({ halfLoad: [] }), '').rows).toHaveLength(1)
    expect(middleStep([])).toBeUndefined()
  })

  it('plots each pipeline by what was offered to it', () => {
    const [throughput, latency, freshness] = plotsOf([figures({})])
    expect(throughput.points).toEqual([
      { series: 'embedded, accepted', x: 1_000, y: 990 },
      { series: 'embedded, stored', x: 1_000, y: 980 },
    ])
    expect(latency.points.map(({ y }) => y)).toEqual([1, 2])
    expect(freshness.points.map(({ y }) => y)).toEqual([40, 800])
  })
})

function figures({ halfLoad = [aStep({})] }: { halfLoad?: Step[] }) {
  return { name: 'embedded', processes: ['services', 'ClickHouse'], steps: [aStep({})], halfLoad }
}

function aStep({ offered = 1_000, p99 = 800 }: { offered?: number; p99?: number }): Step {
  return {
    offered,
    accepted: 990,
    stored: 980,
    isSustained: true,
    waiting: 100,
    answerMs: { p50: 1, p99: 2, p999: 3 },
    freshnessMs: { p50: 40, p99, p999: p99 },
    probes: 100,
    cpuMicrosPerEvent: [100, 50],
    residentMib: [300, 400],
    generatorShare: 0.2,
  }
}

import { describe, expect, it } from 'vitest'
import type { ComparisonResult } from './comparison.ts'
import { svgOf } from './plot.ts'
import { markdownOf, shown } from './report.ts'

const even = (value: number) => ({ min: value, median: value, max: value })

describe('the report', () => {
  it.each([
    { median: 0.61, reached: 'yes' },
    { median: 0.6, reached: 'yes' },
    { median: 0.59, reached: 'no' },
  ])('says of a ratio of $median against an aim of 0.6: $reached', ({ median, reached }) => {
    const text = markdownOf(results(aResult(median)))
    expect(text).toContain(
      `| producer | embedded | events per second | producer | bare Fastify | ${median} (0.5 to 0.7) | 0.6 | ${reached} |`,
    )
  })

  it('shows what was measured of each contender', () => {
    const text = markdownOf(results(aResult(0.6)))
    expect(text).toContain(
      '| ours | 1,000 (1,000 to 1,000) | 2,000 (2,000 to 2,000) | 500 (500 to 500) | 0.3 | 1 / 2 / 3 | 90 | rows 5 |',
    )
    expect(text).toContain('connections 64')
  })

  it('says nothing of aims after a quick run', () => {
    const text = markdownOf({ ...results(aResult(0.7)), isQuick: true })
    expect(text).toContain('nothing of how fast')
    expect(text).not.toContain('| yes |')
  })

  it.each([
    [1234.5, '1,235'],
    [0.123456, '0.123'],
    [42, '42'],
    [12.345, '12.3'],
    ['text', 'text'],
  ])('shows %s as %s', (value, text) => expect(shown(value)).toBe(text))
})

it('a plot is SVG with its titles', async () => {
  const points = [1, 2, 3].map((x) => ({ series: 'ours', x, y: x * x }))
  const svg = await svgOf({
    name: 'a',
    title: 'Answers',
    x: { title: 'offered' },
    y: { title: 'ms' },
    points,
  })
  expect(svg).toMatch(/^<svg /)
  for (const text of ['Answers', 'offered', 'ms', 'ours']) expect(svg).toContain(`>${text}<`)
})

function results(comparison: ComparisonResult) {
  const about = {
    machine: '2 cores',
    commit: 'abc',
    startedAt: 'now',
    command: 'npm run bench',
    isQuick: false,
  }
  return { ...about, comparisons: [comparison], tables: [], plots: [] }
}

function aResult(median: number): ComparisonResult {
  const sample = {
    events: 1_000,
    seconds: 1,
    cpuSeconds: 0.5,
    bytes: 300_000,
    residentMib: 90,
    latencyMs: { p50: 1, p99: 2, p999: 3 },
    more: { rows: 5 },
  }
  return {
    part: 'producer',
    log: 'embedded',
    conditions: { connections: 64 },
    contenders: [
      {
        name: 'ours',
        samples: [sample],
        eventsPerSecond: even(1_000),
        eventsPerCpuSecond: even(2_000),
        cpuMicrosPerEvent: even(500),
      },
    ],
    ratios: [
      {
        subject: 'producer',
        yardstick: 'bare Fastify',
        measure: 'events per second',
        ratioMin: 0.6,
        ratio: { min: 0.5, median, max: 0.7 },
      },
    ],
  }
}

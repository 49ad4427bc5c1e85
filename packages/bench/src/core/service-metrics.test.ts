import { expect, it } from 'vitest'
import { sumOf } from './service-metrics.ts'

const text = [
  '# TYPE rows_total counter',
  'rows_total{partition="0",kind="event"} 12',
  'rows_total{partition="1",kind="event"} 30',
  'rows_total{partition="1",kind="drop"} 5',
  'rows_total_other 900',
  'plain 7.5',
].join('\n')

it.each([
  { name: 'rows_total', labels: {}, sum: 47 },
  { name: 'rows_total', labels: { kind: 'event' }, sum: 42 },
  { name: 'rows_total', labels: { kind: 'event', partition: '1' }, sum: 30 },
  { name: 'plain', labels: {}, sum: 7.5 },
  { name: 'absent', labels: {}, sum: 0 },
])('the sum of $name with $labels is $sum', ({ name, labels, sum }) => {
  expect(sumOf(text, name, labels)).toBe(sum)
})

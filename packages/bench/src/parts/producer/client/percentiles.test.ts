import { expect, it } from 'vitest'
import { latencyOf } from './percentiles.ts'

it('percentiles are values that were measured, whatever their order', () => {
  const values = Array.from({ length: 1_000 }, (_, index) => 1_000 - index)
  expect(latencyOf(values)).toEqual({ p50: 500, p99: 990, p999: 999 })
  expect(latencyOf([7])).toEqual({ p50: 7, p99: 7, p999: 7 })
  expect(latencyOf([])).toEqual({ p50: 0, p99: 0, p999: 0 })
})

import { expect, it } from 'vitest'
import { storedRate } from './stored-rate.ts'

it('the stored rate does not depend on where between two batches the readings begin and end', () => {
  const rowsAt = (ms: number) => Math.floor(ms / 1_000) * 500
  for (const begin of [0, 300, 900]) {
    const readings = Array.from({ length: 50 }, (_, index) => begin + index * 100)
    expect(storedRate(readings.map((at) => ({ at, rows: rowsAt(at) })))).toBeCloseTo(500, -1)
  }
})

it.each([{ rows: [] }, { rows: [5] }, { rows: [5, 5, 5] }, { rows: [5, 9, 9] }])(
  'there is no rate in $rows',
  ({ rows }) => {
    expect(storedRate(rows.map((count, index) => ({ at: index * 100, rows: count })))).toBe(0)
  },
)

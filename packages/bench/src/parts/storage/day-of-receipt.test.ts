import { describe, expect, it } from 'vitest'
import { dayOfReceipt } from './day-of-receipt.ts'

describe('a day of receipt', () => {
  const [events, start] = [24_000, Date.UTC(2026, 10, 20)]
  const at = dayOfReceipt(start, events)
  const times = Array.from({ length: events }, (_, event) => at(event))

  it('begins and ends with the day, and never goes back', () => {
    expect(times[0]).toBe(start)
    expect(at(events)).toBe(start + 86_400_000)
    expect(times.every((time, event) => event === 0 || time >= (times[event - 1] ?? 0))).toBe(true)
  })

  it('has more events by day than at night', () => {
    const inHour = (hour: number): number =>
      times.filter((time) => new Date(time).getUTCHours() === hour).length
    expect(inHour(14) / inHour(3)).toBeGreaterThan(2)
  })
})

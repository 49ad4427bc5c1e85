const dayMs = 86_400_000
/** The busiest moment of a day has twice its mean, the quietest two thirds. */
const swing = 0.5
/** 03:00 UTC. */
const quietestAt = 3 / 24

/**
 * When the events of one day are received: more by day, fewer at night.
 * @param dayStart Unix milliseconds, midnight
 * @returns Unix milliseconds by the event's number, 0 to `events` - 1; never falling
 */
export function dayOfReceipt(dayStart: number, events: number): (event: number) => number {
  // The share of a day that has passed once a share of its events has: rising, and slowest where most events are.
  const passed = (share: number): number => {
    const phase = 2 * Math.PI * (share - quietestAt)
    return share + (swing * (Math.sin(phase) + Math.sin(2 * Math.PI * quietestAt))) / (2 * Math.PI)
  }
  return (event) => Math.floor(dayStart + dayMs * passed(event / events))
}

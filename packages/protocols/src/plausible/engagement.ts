import { scrollDepthMissing } from '@millrace/events'
import type { Fields } from './body.ts'
import type { Problem } from './refusal.ts'

/** The tracker's own event for time on page and scroll depth. */
export const engagementName = 'engagement'

const scrollDepthMax = 100

/** 30 days; a time as long or longer is a client's mistake and counts as none. */
export const engagementMsLimit = 2_592_000_000

export interface Engagement {
  readonly scrollDepth: number
  readonly engagementMs: number
}

/** Depth and time of an engagement event, which needs at least one of them; nothing for every other event. */
export function readEngagement(name: string, fields: Fields, problems: Problem[]): Engagement {
  if (name !== engagementName) return { scrollDepth: 0, engagementMs: 0 }
  const depth = integer(fields.sd)
  const scrollDepth = depth === undefined || depth < 0 ? scrollDepthMissing : Math.min(depth, scrollDepthMax)
  const time = integer(fields.e)
  const engagementMs = time === undefined || time < 0 || time >= engagementMsLimit ? 0 : time
  if (scrollDepth === scrollDepthMissing && engagementMs === 0) {
    problems.push([
      'event_name',
      "engagement event requires a valid integer value for at least one of 'sd' or 'e' fields",
    ])
  }
  return { scrollDepth, engagementMs }
}

/** An integer or text that is nothing but one. Never -0, which JSON would write as another number than it reads. */
function integer(value: unknown): number | undefined {
  if (typeof value === 'string') return /^[+-]?\d+$/.test(value) ? Number(value) + 0 : undefined
  return typeof value === 'number' && Number.isInteger(value) ? value + 0 : undefined
}

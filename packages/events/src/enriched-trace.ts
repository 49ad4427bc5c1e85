import * as z from 'zod'

const traceSchema = z.object({
  rawOffset: z.int().nonnegative(),
  site: z.string(),
  receivedAt: z.number(),
})

/** What leads from an enriched record to its raw one. */
export type EnrichedTrace = z.infer<typeof traceSchema>

/** Less than a whole enriched record: it may be a dead letter because of what else is in it. */
export function enrichedTraceOf(value: Buffer): EnrichedTrace | undefined {
  try {
    const read: unknown = JSON.parse(value.toString('utf8'))
    return traceSchema.parse(Array.isArray(read) ? named(read) : read)
  } catch {
    return undefined
  }
}

/** Events and drops have them in the same places, and so must every version of the format. */
function named(values: readonly unknown[]): unknown {
  return { rawOffset: values[2], receivedAt: values[3], site: values[6] }
}

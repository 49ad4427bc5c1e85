import * as z from 'zod'

/** The start stops with this error's message as its one line. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError'
  readonly code = 'INVALID_OPTIONS'
  readonly retriable = false
}

/**
 * Reads a service's options from environment variables; an empty value counts as unset.
 * @param schema a zod object whose keys are the variables' names and whose values parse their text
 * @throws OptionsError naming every variable whose value is impossible, in one line
 */
export function readOptions<Schema extends z.ZodType>(
  schema: Schema,
  environment = process.env,
): z.infer<Schema> {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  )
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const problems = result.error.issues.map((issue) => {
    const name = issue.path.join('.')
    const value = name in given ? ` (got ${JSON.stringify(given[name])})` : ''
    return `${name}: ${issue.message}${value}`
  })
  throw new OptionsError(`invalid options: ${problems.join('; ')}`)
}

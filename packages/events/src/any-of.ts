import fc from 'fast-check'
import * as z from 'zod'

/** For tests: any value that a record's schema accepts. */
export function anyOf<Schema extends z.ZodType>(schema: Schema): fc.Arbitrary<z.infer<Schema>> {
  return arbitraryOf(schema) as fc.Arbitrary<z.infer<Schema>>
}

function arbitraryOf(schema: unknown): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodString) return fc.string({ unit: 'binary' })
  if (schema instanceof z.ZodNumber) return fc.double({ ...boundsOf(schema), noNaN: true })
  if (schema instanceof z.ZodBoolean) return fc.boolean()
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options)
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values)
  if (schema instanceof z.ZodArray) return fc.array(arbitraryOf(schema.element))
  if (schema instanceof z.ZodTuple) return fc.tuple(...schema.def.items.map(arbitraryOf))
  if (schema instanceof z.ZodOptional) return arbitraryOf(schema.unwrap())
  if (schema instanceof z.ZodObject) return objectOf(schema.shape)
  throw new Error('a record has a field of a kind that is not known here')
}

function objectOf(shape: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> {
  const fields = Object.entries(shape)
  const required = fields.filter(([, field]) => !(field instanceof z.ZodOptional)).map(([name]) => name)
  return fc.record(Object.fromEntries(fields.map(([name, field]) => [name, arbitraryOf(field)])), {
    requiredKeys: required,
    noNullPrototype: true,
  })
}

function boundsOf({ minValue, maxValue }: z.ZodNumber): { readonly min: number; readonly max: number } {
  const largest = Number.MAX_VALUE
  return { min: Math.max(minValue ?? -largest, -largest), max: Math.min(maxValue ?? largest, largest) }
}

import * as z from 'zod'
import { isJsonObject, parseJson } from '../json-text.ts'
import { exceedsChars } from '../text-length.ts'
import { decimalText, int32Range, int64Range, integerText } from './number-text.ts'

/** Characters of a visitor's code, and of a mapping value in its place. */
export const visitorCharsMax = 100

const metadataIdsMax = 256
const metadataValuesMax = 256
const valuesMax = 256
const valueCharsMax = 2048
/** A custom value that is a visitor's id on other devices. */
export const mappingIdCharsMax = 100

/** The value as text, or what is wrong with it. */
type Reading = string | { readonly problem: string }

export interface ParameterDocument {
  readonly description: string
  readonly examples: readonly unknown[]
}

/** A documented type: what JSON Schema says of it, and how a value is read, which in the query form is always text. */
export interface ParameterType {
  readonly json: Readonly<Record<string, unknown>>
  readonly read: (value: unknown) => Reading
}

/** The schema of a required parameter; its output is the value as text. */
export function required(type: ParameterType, document: ParameterDocument) {
  return parameter(type, document)
}

export function optional(type: ParameterType, document: ParameterDocument) {
  return parameter(type, document).optional()
}

/** The check puts the text in the value's place: with a transform zod would leave the examples out of the document. */
function parameter({ json, read }: ParameterType, { description, examples }: ParameterDocument) {
  return z
    .custom<string>()
    .check((payload) => {
      const value: unknown = payload.value
      const reading = value === undefined ? missing : read(value)
      if (typeof reading === 'string') payload.value = reading
      else payload.issues.push({ code: 'custom', message: reading.problem, input: value })
    })
    .meta({ ...json, description, examples: [...examples] })
}

const missing = { problem: 'required' }

/** @param charsMax undefined: as long as an event may be */
export function text(charsMax?: number): ParameterType {
  return {
    json: { type: 'string', ...(charsMax === undefined ? {} : { maxLength: charsMax }) },
    read: (value) => {
      if (typeof value !== 'string') return { problem: 'expected text' }
      if (charsMax === undefined || !exceedsChars(value, charsMax)) return value
      return { problem: `longer than ${String(charsMax)} characters` }
    },
  }
}

/** Text of a form. @param form.name what was expected, for the reason */
export function matching(pattern: RegExp, form: { readonly name: string }): ParameterType {
  return {
    json: { type: 'string', pattern: pattern.source },
    read: (value) =>
      typeof value === 'string' && pattern.test(value) ? value : { problem: `expected ${form.name}` },
  }
}

/** One of the words, in any case; its text is the documented one. */
export function oneOf(words: readonly string[]): ParameterType {
  const known = new Set(words)
  const problem = `expected ${words.join(', ')}`
  return {
    json: { type: 'string', enum: [...words] },
    read: (value) => {
      const word = typeof value === 'string' ? value.toUpperCase() : ''
      return known.has(word) ? word : { problem }
    },
  }
}

export const int32: ParameterType = {
  json: { type: 'integer', format: 'int32' },
  read: (value) => integerText(value, int32Range) ?? { problem: 'expected a 32-bit integer' },
}

export const int64: ParameterType = {
  json: { type: 'integer', format: 'int64' },
  read: (value) => integerText(value, int64Range) ?? { problem: 'expected a 64-bit integer' },
}

export const float64: ParameterType = {
  json: { type: 'number', format: 'double' },
  read: (value) => decimalText(value) ?? { problem: 'expected a number' },
}

export const flag: ParameterType = {
  json: { type: 'boolean' },
  read: (value) => {
    if (value === true || value === 'true') return 'true'
    return value === false || value === 'false' ? 'false' : { problem: 'expected true or false' }
  },
}

/** A JSON array of indices, or JSON text of one. */
export const indices: ParameterType = {
  json: { type: 'array', items: int32.json },
  read: (value) => {
    const list = fromJsonText(value)
    if (!Array.isArray(list)) return { problem: 'expected a JSON array' }
    return list.every(isInt32) ? JSON.stringify(list) : { problem: 'expected 32-bit integers' }
  },
}

/** Metadata id to its values, an object or JSON text of one. */
export const metadata: ParameterType = {
  json: {
    type: 'object',
    maxProperties: metadataIdsMax,
    propertyNames: { pattern: '^-?\\d+$' },
    additionalProperties: {
      type: 'array',
      maxItems: metadataValuesMax,
      items: { type: 'string', maxLength: valueCharsMax },
    },
  },
  read: (value) => {
    const object = fromJsonText(value)
    if (!isJsonObject(object)) return { problem: 'expected a JSON object' }
    const entries = Object.entries(object)
    if (entries.length > metadataIdsMax) return { problem: `more than ${String(metadataIdsMax)} ids` }
    for (const [id, values] of entries) {
      const problem = metadataProblem(id, values)
      if (problem !== undefined) return { problem }
    }
    return JSON.stringify(object)
  },
}

function metadataProblem(id: string, values: unknown): string | undefined {
  if (integerText(id, int32Range) === undefined) return 'expected ids that are 32-bit integers'
  if (!Array.isArray(values)) return 'expected an array of values for each id'
  if (values.length > metadataValuesMax) return `more than ${String(metadataValuesMax)} values of an id`
  for (const value of values as readonly unknown[]) {
    if (typeof value !== 'string') return 'expected values that are text'
    if (exceedsChars(value, valueCharsMax)) return tooLongValue(valueCharsMax)
  }
  return undefined
}

/** Custom value to its count, an object or JSON text of one. */
export const valuesCountMap: ParameterType = {
  json: {
    type: 'object',
    maxProperties: valuesMax,
    propertyNames: { maxLength: valueCharsMax },
    additionalProperties: int32.json,
  },
  read: (value) => {
    const object = fromJsonText(value)
    if (!isJsonObject(object)) return { problem: 'expected a JSON object' }
    const entries = Object.entries(object)
    if (entries.length > valuesMax) return { problem: `more than ${String(valuesMax)} values` }
    if (entries.some(([key]) => exceedsChars(key, valueCharsMax)))
      return { problem: tooLongValue(valueCharsMax) }
    if (!entries.every(([, count]) => isInt32(count))) {
      return { problem: 'expected counts that are 32-bit integers' }
    }
    return JSON.stringify(object)
  },
}

/** The rule for the values of `valuesCountMap` (as it was read) that are a visitor's ids. */
export function mappingIdProblem(valuesCountMapText: string): string | undefined {
  const ids = Object.keys(JSON.parse(valuesCountMapText) as object)
  return ids.some((id) => exceedsChars(id, mappingIdCharsMax)) ? tooLongValue(mappingIdCharsMax) : undefined
}

function tooLongValue(charsMax: number): string {
  return `a value is longer than ${String(charsMax)} characters`
}

function isInt32(value: unknown): boolean {
  return typeof value === 'number' && integerText(value, int32Range) !== undefined
}

function fromJsonText(value: unknown): unknown {
  return typeof value === 'string' ? parseJson(value)?.value : value
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findJsonFault, formatPlace, placeOf } from './json-places.ts'

const indented = '{\n  "a": [ 1,\n    { "b": "x" } ],\n  "": {}\n}'

describe('placeOf', () => {
  it.each<[string, readonly PropertyKey[], boolean, string]>([
    ['the whole text', [], false, 'line 1, column 1'],
    ['a value', ['a'], false, 'line 2, column 8'],
    ['its key', ['a'], true, 'line 2, column 3'],
    ['an item', ['a', 1], false, 'line 3, column 5'],
    ['a value within', ['a', 1, 'b'], false, 'line 3, column 12'],
    ['the key within', ['a', 1, 'b'], true, 'line 3, column 7'],
    ['the empty key', [''], true, 'line 4, column 3'],
    ['what is around a missing key', ['a', 1, 'c', 'd'], false, 'line 3, column 5'],
    ['what is around a missing item', ['a', 7], true, 'line 2, column 8'],
    ['a list asked for a name', ['a', 'length'], false, 'line 2, column 8'],
  ])('finds %s', (_, path, ofKey, expected) => {
    expect(formatPlace(indented, placeOf(indented, path, { ofKey }))).toBe(expected)
  })

  it('finds every value of every document, as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.constantFrom(0, 2), (json, indent) => {
        const value: unknown = JSON.parse(json)
        const text = JSON.stringify(value, undefined, indent)
        for (const [path, part] of partsOf(value)) {
          expect(text.slice(placeOf(text, path))).toMatch(startOf(part))
        }
      }),
      { numRuns: 300 },
    )
  })
})

function partsOf(value: unknown, path: readonly PropertyKey[] = []): [readonly PropertyKey[], unknown][] {
  const inner = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : []
  return [[path, value], ...inner.flatMap(([key, part]) => partsOf(part, [...path, key as PropertyKey]))]
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function startOf(value: unknown): RegExp {
  if (isObject(value)) return Array.isArray(value) ? /^\[/ : /^\{/
  return new RegExp(`^${JSON.stringify(value).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`)
}

describe('findJsonFault', () => {
  it('finds a fault exactly where JSON.parse does, but for a key named twice', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '1',
      '-',
      '.5',
      'e3',
      'true',
      'nul',
      ' ',
      '\\',
    ]
    const nearJson = fc.oneof(
      fc.json({ maxDepth: 3 }).chain((json) => fc.nat(json.length).map((at) => json.slice(0, at))),
      fc.array(fc.constantFrom(...pieces), { maxLength: 9 }).map((parts) => parts.join('')),
      fc.string({ maxLength: 5 }),
      fc.string({ maxLength: 5 }).map((text) => `"${text}"`),
    )
    const parses = (text: string) => {
      try {
        JSON.parse(text)
        return true
      } catch {
        return false
      }
    }
    fc.assert(
      fc.property(nearJson, (text) => {
        const fault = findJsonFault(text)
        if (fault?.reason === 'the object has this key already') return
        expect(fault === undefined).toBe(parses(text))
        if (fault !== undefined) expect(fault.at).toBeLessThanOrEqual(text.length)
      }),
      { numRuns: 5_000 },
    )
  })

  it.each<[string, string, number]>([
    ['a key twice', '{"a":1,"a":2}', 7],
    ['a key twice, once escaped', '{"a":1,"\\u0061":2}', 7],
    ['nesting that would take the stack', '['.repeat(1_000_000), 100],
    ['a line break in a string', '{"a":"x\ny"}', 5],
    ['a comma too many', '[1,]', 3],
    ['what follows', '{} {}', 3],
    ['nothing', '', 0],
  ])('names the place of %s', (_, text, at) => {
    expect(findJsonFault(text)?.at).toBe(at)
  })
})

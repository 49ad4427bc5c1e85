import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { eventSchemas, type EventType } from './event-schemas.ts'
import { forms, needed, outcome, textOf, types } from './testing.ts'

interface Kind {
  /** A value, and the text it is kept as. */
  readonly good: readonly (readonly [value: unknown, text: string])[]
  /** A value that is refused in both forms, and why. */
  readonly bad: readonly (readonly [value: unknown, problem: string])[]
  /** A value that only JSON can have. */
  readonly badJson?: readonly (readonly [value: unknown, problem: string])[]
}

const int32: Kind = {
  good: [
    [0, '0'],
    [-0, '0'],
    ['0007', '7'],
    [2_147_483_647, '2147483647'],
    [-2_147_483_648, '-2147483648'],
  ],
  bad: [2_147_483_648, -2_147_483_649, 1.5, '1.5', '1e3', '0x1', ' 1', '+1', 'x', true, [1]].map((value) => [
    value,
    'expected a 32-bit integer',
  ]),
}

const int64: Kind = {
  good: [
    [0, '0'],
    [9_007_199_254_740_991, '9007199254740991'],
    ['9007199254740993', '9007199254740993'],
    ['9223372036854775807', '9223372036854775807'],
    ['-9223372036854775808', '-9223372036854775808'],
  ],
  bad: ['9223372036854775808', '-9223372036854775809', '9'.repeat(40), 1.5, 'x', '', false, {}].map(
    (value) => [value, value === '' ? 'required' : 'expected a 64-bit integer'],
  ),
}

const float64: Kind = {
  good: [
    [0, '0'],
    [24.99, '24.99'],
    ['24.990', '24.990'],
    [-273.15, '-273.15'],
    ['1e3', '1000'],
    [1.5e21, '1500000000000000000000'],
    [-1e-7, '-0.0000001'],
    [1.25e-9, '0.00000000125'],
    ['1.0E2', '100'],
  ],
  bad: ['NaN', 'Infinity', '1e999', '1,5', '0x10', '.', '-', '1 ', 'x', true, {}].map((value) => [
    value,
    'expected a number',
  ]),
}

const boolean: Kind = {
  good: [
    [true, 'true'],
    ['true', 'true'],
    [false, 'false'],
    ['false', 'false'],
  ],
  bad: [1, '1', 'yes', 'TRUE', {}].map((value) => [value, 'expected true or false']),
}

function text(charsMax?: number): Kind {
  const badJson = [5, true, ['x'], { x: 1 }].map((value) => [value, 'expected text'] as const)
  const good = ['x', 'é & = + ; %', '\u0000', ' ', '__proto__'].map((value) => [value, value] as const)
  if (charsMax === undefined) return { good: [...good, same('x'.repeat(5_000))], bad: [], badJson }
  const long = ['x', '😀'].map(
    (char) => [char.repeat(charsMax + 1), `longer than ${charsMax} characters`] as const,
  )
  return { good: [...good, same('x'.repeat(charsMax)), same('😀'.repeat(charsMax))], bad: long, badJson }
}

const same = (value: string) => [value, value] as const

function words(...given: string[]): Kind {
  return {
    good: [...given.map(same), ...given.map((word) => [word.toLowerCase(), word] as const)],
    bad: ['x', `${given[0] ?? ''}_`, '0'].map((value) => [value, `expected ${given.join(', ')}`]),
    badJson: [[5, `expected ${given.join(', ')}`]],
  }
}

const indices: Kind = {
  good: [
    [[], '[]'],
    [[0, 2, -1], '[0,2,-1]'],
    ['[0, 2]', '[0,2]'],
  ],
  bad: [
    ['0,2', 'expected a JSON array'],
    ['[0', 'expected a JSON array'],
    [{}, 'expected a JSON array'],
    [5, 'expected a JSON array'],
    [['0'], 'expected 32-bit integers'],
    [[1.5], 'expected 32-bit integers'],
    [[2_147_483_648], 'expected 32-bit integers'],
    [[[0]], 'expected 32-bit integers'],
    [[null], 'expected 32-bit integers'],
  ],
}

const many = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [String(index), value]))
const kept = (value: unknown) => [value, JSON.stringify(value)] as const

const metadata: Kind = {
  good: [
    kept({}),
    kept({ 0: ['m1'], 7: [] }),
    kept({ '-1': ['x'] }),
    kept({ 2147483647: ['x'] }),
    ['{ "0": ["\\ud800"] }', '{"0":["\ufffd"]}'],
    kept(many(256, ['x'])),
    kept({ 0: Array(256).fill('x') }),
    kept({ 0: ['x'.repeat(2048), '😀'.repeat(2048)] }),
  ],
  bad: [
    ['{"0":["m1"]', 'expected a JSON object'],
    [[], 'expected a JSON object'],
    [5, 'expected a JSON object'],
    ['"x"', 'expected a JSON object'],
    [many(257, ['x']), 'more than 256 ids'],
    [{ 0: Array(257).fill('x') }, 'more than 256 values of an id'],
    [{ 0: ['x'.repeat(2049)] }, 'a value is longer than 2048 characters'],
    [{ x: ['m1'] }, 'expected ids that are 32-bit integers'],
    [{ 2147483648: ['m1'] }, 'expected ids that are 32-bit integers'],
    ['{"__proto__":["m1"]}', 'expected ids that are 32-bit integers'],
    [{ 0: 'm1' }, 'expected an array of values for each id'],
    [{ 0: { 0: 'm1' } }, 'expected an array of values for each id'],
    [{ 0: [1] }, 'expected values that are text'],
    [{ 0: [null] }, 'expected values that are text'],
  ],
}

const valuesCountMap: Kind = {
  good: [
    kept({}),
    kept({ premium: 1, '': 0, é: -1 }),
    ['{"__proto__": 1, "constructor": 2}', '{"__proto__":1,"constructor":2}'],
    kept({ x: 2_147_483_647 }),
    kept(many(256, 1)),
    kept({ ['x'.repeat(2048)]: 1 }),
  ],
  bad: [
    ['premium', 'expected a JSON object'],
    [['premium'], 'expected a JSON object'],
    [many(257, 1), 'more than 256 values'],
    [{ ['x'.repeat(2049)]: 1 }, 'a value is longer than 2048 characters'],
    [{ premium: '1' }, 'expected counts that are 32-bit integers'],
    [{ premium: 1.5 }, 'expected counts that are 32-bit integers'],
    [{ premium: 2_147_483_648 }, 'expected counts that are 32-bit integers'],
    [{ premium: null }, 'expected counts that are 32-bit integers'],
  ],
}

/** Every parameter, as the vendor's document lists it. */
const documented: readonly (readonly [EventType, string, 'required' | 'optional', string, Kind])[] = [
  ['STATICDATA', 'visitNumber', 'optional', 'int32', int32],
  ['STATICDATA', 'timeSincePreviousVisit', 'optional', 'int64', int64],
  ['STATICDATA', 'browser', 'optional', '100 characters', text(100)],
  ['STATICDATA', 'browserIndex', 'optional', 'int32', int32],
  ['STATICDATA', 'browserVersion', 'optional', 'float64', float64],
  ['STATICDATA', 'os', 'optional', '100 characters', text(100)],
  ['STATICDATA', 'osIndex', 'optional', 'int32', int32],
  ['STATICDATA', 'screenWidth', 'optional', 'int32', int32],
  ['STATICDATA', 'screenHeight', 'optional', 'int32', int32],
  ['STATICDATA', 'localeLanguageTag', 'optional', 'text', text()],
  ['STATICDATA', 'deviceType', 'optional', 'one of 3', words('DESKTOP', 'TABLET', 'PHONE')],
  ['PAGE', 'canonicalHref', 'optional', '2048 characters', text(2048)],
  ['PAGE', 'keyPageIndices', 'optional', 'JSON array', indices],
  ['PAGE', 'referrerHref', 'optional', 'text', text()],
  ['PAGE', 'referrerIndices', 'optional', 'JSON array', indices],
  ['CONVERSION', 'goalId', 'required', 'int64', int64],
  ['CONVERSION', 'revenue', 'optional', 'float64', float64],
  ['CONVERSION', 'negative', 'optional', 'Boolean', boolean],
  ['CONVERSION', 'metadata', 'optional', 'JSON object', metadata],
  ['TARGETINGSEGMENT', 'id', 'required', 'int64', int64],
  ['EXPERIMENT', 'id', 'required', 'int64', int64],
  ['EXPERIMENT', 'variationId', 'required', 'int64', int64],
  ['PERSONALIZATION', 'id', 'required', 'int64', int64],
  ['PERSONALIZATION', 'variationId', 'required', 'int64', int64],
  [
    'PERSONALIZATION',
    'unexpositionCause',
    'optional',
    'one of 7',
    words(
      'GLOBAL_EXCLUSION',
      'PERSONALIZATION_CAPPING',
      'SCHEDULE',
      'PERSONALIZATION_EXCLUSION',
      'VISITOR_CAPPING',
      'SCENARIO',
      'PRIORITY',
    ),
  ],
  ['WEATHER', 'temperature', 'required', 'float64', float64],
  ['WEATHER', 'humidity', 'required', 'float64', float64],
  ['WEATHER', 'pressure', 'required', 'float64', float64],
  ['WEATHER', 'windSpeed', 'required', 'float64', float64],
  ['WEATHER', 'cloudiness', 'required', 'float64', float64],
  ['WEATHER', 'sunriseTime', 'required', 'int64', int64],
  ['WEATHER', 'sunsetTime', 'required', 'int64', int64],
  ['WEATHER', 'weatherCode', 'optional', '100 characters', text(100)],
  ['CUSTOMDATA', 'index', 'required', 'int32', int32],
  ['CUSTOMDATA', 'mappingIdentifier', 'optional', 'Boolean', boolean],
  ['CUSTOMDATA', 'valuesCountMap', 'required', 'JSON object', valuesCountMap],
  ['CUSTOMDATA', 'overwrite', 'optional', 'Boolean', boolean],
  ['PRODUCT', 'ean', 'required', '100 characters', text(100)],
  ['GEOLOCATION', 'country', 'optional', '100 characters', text(100)],
  ['GEOLOCATION', 'region', 'optional', '100 characters', text(100)],
  ['GEOLOCATION', 'city', 'optional', '100 characters', text(100)],
  ['GEOLOCATION', 'postalCode', 'optional', '100 characters', text(100)],
  ['GEOLOCATION', 'latitude', 'optional', 'float64', float64],
  ['GEOLOCATION', 'longitude', 'optional', 'float64', float64],
]
/** `canonical.test.ts` has their rules. */
const ofPages: readonly (readonly [EventType, string])[] = [
  ['PAGE', 'href'],
  ['PAGE', 'title'],
]
const ofEvery = ['eventType', 'nonce', 'visitorCode', 'mappingValue', 'userAgent']

describe.each(documented)('%s %s (%s, %s)', (...row) => {
  const [eventType, name, need, , kind] = row
  const outcomeOf = (form: 'lines' | 'JSON', value: unknown) =>
    outcome(form, { eventType, ...needed[eventType], [name]: value })
  const others = { ...needed[eventType], [name]: undefined }
  const without = outcome('JSON', { eventType, ...others })

  it.each(forms)('is read from %s', (form) => {
    for (const [value, kept] of kind.good) {
      expect(outcomeOf(form, value), textOf(value).slice(0, 80)).toMatchObject({ [name]: kept })
    }
  })

  it.each(forms)('is refused in %s', (form) => {
    const bad = [...kind.bad, ...(form === 'JSON' ? (kind.badJson ?? []) : [])]
    for (const [value, problem] of bad) {
      const expected = value === '' && need === 'optional' ? without : `${name}: ${problem}`
      expect(outcomeOf(form, value), textOf(value).slice(0, 80)).toEqual(expected)
    }
  })

  it.each(forms)(need === 'required' ? 'must be given in %s' : 'may be left out in %s', (form) => {
    if (need === 'required') expect(without).toBe(`${name}: required`)
    else expect(without).not.toHaveProperty(name)
    for (const nothing of [undefined, null, '']) expect(outcomeOf(form, nothing)).toEqual(without)
  })
})

describe('the schemas', () => {
  it('are those of the document, and no others', () => {
    for (const type of types) {
      const own = [...documented, ...ofPages].filter(([of]) => of === type).map(([, name]) => name)
      expect(Object.keys(eventSchemas[type].shape).toSorted()).toEqual([...ofEvery, ...own].toSorted())
    }
  })

  const documents = types.map((type) => {
    const json = z.toJSONSchema(eventSchemas[type], { io: 'input', unrepresentable: 'any' })
    return [type, json as z.core.JSONSchema.ObjectSchema] as const
  })

  it.each(documents)('of %s describes each parameter, with an example that is accepted', (type, json) => {
    const { properties = {}, required: listed = [] } = json
    for (const [name, property] of Object.entries(properties)) {
      const { description, examples, type: jsonType } = property as z.core.JSONSchema.BaseSchema
      expect(description, name).toMatch(/^[A-Z'].*\.$/)
      expect(jsonType, name).toBeDefined()
      if (ofEvery.includes(name)) continue
      const need = documented.find(([of, parameter]) => of === type && parameter === name)?.[2]
      expect(listed.includes(name), name).toBe(need === 'required' || name === 'href')
      for (const form of forms) {
        const example: unknown = examples?.[0]
        expect(outcome(form, { eventType: type, ...needed[type], [name]: example }), name).toBeTypeOf(
          'object',
        )
      }
    }
  })

  it('show the limits that hold', () => {
    const facets = Object.fromEntries(documents)
    expect(facets).toMatchObject({
      STATICDATA: {
        properties: {
          browser: { type: 'string', maxLength: 100 },
          visitNumber: { type: 'integer', format: 'int32' },
          timeSincePreviousVisit: { type: 'integer', format: 'int64' },
          deviceType: { enum: ['DESKTOP', 'TABLET', 'PHONE'] },
        },
        required: ['eventType', 'nonce'],
      },
      PAGE: { properties: { href: { maxLength: 2048 }, title: { maxLength: 256 } } },
      CONVERSION: {
        properties: { metadata: { maxProperties: 256, additionalProperties: { maxItems: 256 } } },
      },
    })
  })
})

import { describe, expect, it } from 'vitest'
import { forms, needed, outcome, types, type Outcome, type Values } from './testing.ts'

describe('parameters', () => {
  it.each(forms)('of other types, and unknown ones, are ignored in %s', (form) => {
    const unknown = { ean: 'x'.repeat(200), humidity: 'x', foo: '1', constructor: '2', '': '3' }
    expect(outcome(form, { eventType: 'EXPERIMENT', ...needed.EXPERIMENT, ...unknown })).toEqual({
      id: '1',
      variationId: '0',
    })
  })

  it.each<[string, Values, Outcome]>([
    ['goalID', { eventType: 'conversion', goalID: 4 }, { goalId: '4' }],
    ["the summary's herf", { eventType: 'page', herf: 'https://a/' }, { href: 'https://a/' }],
    ['lower case', { eventType: 'conversion', goalid: 4 }, { goalId: '4' }],
    ['upper case', { EVENTTYPE: 'product', EAN: '4' }, { ean: '4' }],
    ['the last of two spellings', { eventType: 'conversion', goalId: 1, GoalID: 2 }, { goalId: '2' }],
    [
      "the SDKs' referrersIndices",
      { eventType: 'page', href: 'https://a/', referrersIndices: [0, 2] },
      { href: 'https://a/', referrerIndices: '[0,2]' },
    ],
  ])('have names in the spelling of clients: %s', (_, parameters, expected) => {
    for (const form of forms) expect(outcome(form, parameters)).toEqual(expected)
  })

  it.each<[Values, Outcome]>([
    [
      { unexpositionCause: 'PRIORITY', variationId: 0 },
      { id: '1', variationId: '0', unexpositionCause: 'PRIORITY' },
    ],
    [{ unexpositionCause: 'PRIORITY', variationId: 5 }, 'unexpositionCause: only valid if variationId is 0'],
    [
      { unexpositionCause: 'X', variationId: 5 },
      expect.stringContaining('unexpositionCause: expected') as string,
    ],
  ])('of a personalization say why it is not shown only where it is not: %j', (given, expected) => {
    for (const form of forms) {
      expect(outcome(form, { eventType: 'personalization', id: 1, ...given })).toEqual(expected)
    }
  })

  it.each<[string, Values, string | undefined]>([
    ['100 characters', { mappingIdentifier: true, valuesCountMap: { ['é'.repeat(100)]: 1 } }, undefined],
    [
      '101 characters',
      { mappingIdentifier: true, valuesCountMap: { a: 1, ['é'.repeat(101)]: 1 } },
      'valuesCountMap: a value is longer than 100 characters',
    ],
    [
      '101 of an ordinary value',
      { mappingIdentifier: false, valuesCountMap: { ['é'.repeat(101)]: 1 } },
      undefined,
    ],
    ['101 without saying so', { valuesCountMap: { ['é'.repeat(101)]: 1 } }, undefined],
  ])('of custom data limit a mapping identifier: %s', (_, given, cause) => {
    for (const form of forms) {
      const found = outcome(form, { eventType: 'customData', index: 0, ...given })
      expect(typeof found === 'string' ? found : undefined).toBe(cause)
    }
  })
})

describe('eventType', () => {
  it.each(types)('%s may be in any case', (type) => {
    const camel = type.charAt(0) + type.slice(1).toLowerCase()
    for (const eventType of [type, type.toLowerCase(), camel]) {
      for (const form of forms) expect(outcome(form, { eventType, ...needed[type] })).toBeTypeOf('object')
    }
  })

  it.each<[string, unknown, string]>([
    ['is required', undefined, 'eventType: required'],
    ['may not be empty', '', 'eventType: required'],
    ['may not be null', null, 'eventType: required'],
    ['must be known', 'CLICK', 'eventType: unknown'],
    ['is no name of a prototype', 'constructor', 'eventType: unknown'],
    ['is text', 5, 'eventType: unknown'],
  ])('%s', (_, eventType, cause) => {
    for (const form of forms) expect(outcome(form, { ...needed.PAGE, eventType })).toBe(cause)
  })
})

describe('nonce', () => {
  const withNonce = (form: 'lines' | 'JSON', nonce: unknown) =>
    outcome(form, { eventType: 'activity', nonce })

  it.each(['d2ce4d22083348fb', '5D4D929388819E2B', '0000000000000000'])('may be %s', (nonce) => {
    for (const form of forms) expect(withNonce(form, nonce)).toEqual({})
  })

  it.each<[unknown, string]>([
    [undefined, 'nonce: required'],
    ['', 'nonce: required'],
    ['d2ce4d22083348f', 'nonce: expected 16 hexadecimal digits'],
    ['d2ce4d22083348fb0', 'nonce: expected 16 hexadecimal digits'],
    ['d2ce4d22083348fg', 'nonce: expected 16 hexadecimal digits'],
    ['d2ce4d22083348fb\n', 'nonce: expected 16 hexadecimal digits'],
    [['d2ce4d22083348fb'], 'nonce: expected 16 hexadecimal digits'],
  ])('may not be %j', (nonce, cause) => {
    for (const form of forms) expect(withNonce(form, nonce)).toBe(cause)
  })
})

import { describe, expect, it } from 'vitest'
import { octethIdBytesMax } from './decode.ts'
import { aBody, aConversion, decode, errorOf } from './test-calls.ts'

describe('the credentials of an Octeth call', () => {
  it.each<[string, Record<string, unknown>, Record<string, string>]>([
    ['an API key', { APIKey: 'k' }, {}],
    ['a session id', { APIKey: undefined, SessionID: 's' }, {}],
    ['a bearer that is an API key', { APIKey: undefined }, { authorization: 'Bearer k' }],
    ['a bearer that is a session id', { APIKey: undefined }, { authorization: 'bearer  s' }],
    ['a bearer beside a wrong API key', { APIKey: 'wrong' }, { authorization: 'Bearer k' }],
    ['a parameter in another case', { APIKey: undefined, aPIkEY: ' k ' }, {}],
  ])('are taken as %s', (_, changes, headers) => {
    expect(decode(aBody(changes), { headers }).ok).toBe(true)
  })

  it.each<[string, Record<string, unknown>, Record<string, string>]>([
    ['missing', { APIKey: undefined }, {}],
    ['wrong', { APIKey: 'K' }, {}],
    ['empty', { APIKey: '', SessionID: '' }, { authorization: 'Bearer ' }],
    ['no text', { APIKey: ['k'] }, {}],
    ['a session id as an API key', { APIKey: 's' }, {}],
    ['of another scheme', { APIKey: undefined }, { authorization: 'Basic k' }],
    ['wrong, whatever else is wrong', { APIKey: 'x', ListID: 'y', Event: '' }, {}],
  ])('are refused with 401 when %s', (_, changes, headers) => {
    const expected = [401, 99_999, 'Authentication failure or session expired']
    expect(errorOf(decode(aBody(changes), { headers }))).toEqual(expected)
  })
})

describe('the errors of /api/v1/event', () => {
  const list = [422, 4, 'Invalid ListID parameter']
  const noEvent = [422, 5, 'Missing event parameter.']
  const noEmail = [422, 6, 'Missing email parameter.']
  const badEmail = [422, 7, 'Invalid email parameter.']
  const noId = [422, 8, 'Missing conversion-id event property.']
  const noName = [422, 9, 'Missing conversion-name event property.']
  const noValue = [422, 10, 'Missing conversion-value event property.']

  it.each<[string, unknown, unknown[]]>([
    ['no list', aBody({ ListID: undefined }), list],
    ['an empty list', aBody({ ListID: '' }), list],
    ['a list that is no number', aBody({ ListID: 'newsletter' }), list],
    ['a list that is no whole number', aBody({ ListID: 94.5 }), list],
    ['the list 0', aBody({ ListID: 0 }), list],
    ['a list below 0', aBody({ ListID: -94 }), list],
    ['a list of more digits than a number holds', aBody({ ListID: '9'.repeat(16) }), list],
    ['a list that no site has', aBody({ ListID: 95 }), list],
    ['a list of lists', aBody({ ListID: [94] }), list],
    ['a wrong list before a missing event', aBody({ ListID: 0, Event: '' }), list],
    ['no event', aBody({ Event: undefined }), noEvent],
    ['a blank event', aBody({ Event: '  ' }), noEvent],
    ['an event that is an object', aBody({ Event: {} }), noEvent],
    ['no event and no email', aBody({ Event: null, Email: null }), noEvent],
    ['no email', aBody({ Email: undefined }), noEmail],
    ['an empty email', aBody({ Email: '' }), noEmail],
    ['no email of an identify event', aBody({ Event: 'identify', Email: undefined }), noEmail],
    ['a blank email', aBody({ Email: ' ' }), noEmail],
    ['a list of emails', aBody({ Email: ['a@test.com'] }), badEmail],
    ['an email that is true', aBody({ Email: true }), badEmail],
    ['an email without @', aBody({ Email: 'test.com' }), badEmail],
    ['an email without a dot in its domain', aBody({ Email: 'jane@localhost' }), badEmail],
    ['an email with a blank', aBody({ Email: 'jane doe@test.com' }), badEmail],
    ['two emails', aBody({ Email: 'a@test.com,b@test.com' }), badEmail],
    ['an email above 254 characters', aBody({ Email: `a@${'b.'.repeat(126)}com` }), badEmail],
    ['an email with a line break', aBody({ Email: 'a@test.com\nBcc: b@test.com' }), badEmail],
    ['a conversion without properties', aBody({ Event: 'conversion' }), noId],
    ['a conversion with an empty id', aConversion({ 'conversion-id': '' }), noId],
    ['a conversion with an object for an id', aConversion({ 'conversion-id': {} }), noId],
    ['a conversion without a name', aConversion({ 'conversion-name': undefined }), noName],
    ['a conversion without a value', aConversion({ 'conversion-value': undefined }), noValue],
    ['a conversion whose value is no number', aConversion({ 'conversion-value': 'much' }), noValue],
    ['a conversion whose value is blank', aConversion({ 'conversion-value': ' ' }), noValue],
    ['a conversion whose value is true', aConversion({ 'conversion-value': true }), noValue],
    ['a wrong conversion that is a test', aConversion({ 'conversion-id': '', isTest: true }), noId],
    ['another command', aBody({ Command: 'subscriber.get' }), [422, 0, 'Invalid Command parameter']],
    [
      'an ID that is too long',
      aBody({ ID: 'x'.repeat(octethIdBytesMax + 1) }),
      [422, 0, 'Invalid ID parameter'],
    ],
  ])('%s', (_, body, expected) => {
    expect(errorOf(decode(body))).toEqual(expected)
  })

  it('are in the documented form', () => {
    const decoded = decode(aBody({ ListID: 95 }))
    expect(decoded).toMatchObject({
      status: 422,
      contentType: 'application/json; charset=utf-8',
      body: '{"Errors":[{"Code":4,"Message":"Invalid ListID parameter"}]}',
    })
  })
})

import { describe, expect, it } from 'vitest'
import { aDecodeContext, aWireRequest, onlyEvent } from '../testing.ts'
import { decodeOcteth } from './decode.ts'
import { propertiesAnswer, readPropertiesQuestion } from './properties.ts'

/** Everybody is admitted, and every list has a site: as without a sites file. */
const context = (() => {
  const known = aDecodeContext()
  const octethSite = (listId: number) => ({ domain: `octeth-${String(listId)}`, keepsEmails: false })
  return { ...known, keys: { ...known.keys, octethSite, admitsOcteth: () => true } }
})()

// The examples as the document prints them, comments and all.
const anEvent = `// Track "test" event
{
// "SessionID": "{{sessionid}}"
"APIKey": "{{user_apikey}}",
"ListID": 94,
"id": "user-id-2006",
"event": "test",
"email": "2006@test.com",
"properties": {
"number-of-subscribers-imported": 100
}
}
`
const aQuestion = `{
// "SessionID":"{{sessionid}}",
"APIKey": "{{user_apikey}}",
"ListID": 3
}
`
const ofPageView = [
  '$browser',
  '$browser_language',
  '$browser_version',
  '$current_url',
  '$device',
  '$device_type',
  '$dsn',
  '$host',
  '$lib',
  '$lib_version',
  '$list_id',
  '$os',
  '$pageTitle',
  '$pathname',
  '$referrer',
  '$referring_domain',
  '$screen_height',
  '$screen_width',
  '$sent_at',
  '$server',
  '$uuid',
  '$viewport_height',
  '$viewport_width',
  'url',
]
const ofIdentify = [
  '$os',
  '$pageTitle',
  '$page_title',
  '$pathname',
  'emailAddress',
  'firstName',
  'lastName',
  'number-of-subscribers-imported',
]

describe("the document's examples", () => {
  it.each(['application/json', 'application/x-www-form-urlencoded', 'text/plain'])(
    'are taken as they stand, as %s',
    (contentType) => {
      const decoded = decodeOcteth(aWireRequest(anEvent, { contentType }), context)
      const event = onlyEvent(decoded)
      expect(event).toMatchObject({ name: 'test', sites: ['octeth-94'], visitorId: 'user-id-2006' })
      expect(event.props).toContainEqual(['number-of-subscribers-imported', '100'])
      const question = readPropertiesQuestion(aWireRequest(aQuestion, { contentType }), context)
      expect(question).toEqual({ ok: true, site: 'octeth-3', listId: 3 })
    },
  )

  it('are answered in the documented order', () => {
    const found = Object.entries({ test: ['a'], pageView: ofPageView, identify: ofIdentify }).flatMap(
      ([event, names]) => names.toReversed().map((property) => ({ event, property })),
    )
    const { status, body } = propertiesAnswer(3, found)
    expect(status).toBe(200)
    const expected = { identify: ofIdentify, pageView: ofPageView, test: ['a'] }
    expect(body).toBe(JSON.stringify({ ListID: '3', Properties: expected }))
  })
})

describe('the answer to a question for properties', () => {
  it('has what ClickHouse has twice once, and events without properties', () => {
    const found = [
      { event: 'b', property: 'x' },
      { event: 'b', property: 'x' },
      { event: 'a', property: '' },
    ]
    expect(propertiesAnswer(3, found).body).toBe('{"ListID":"3","Properties":{"a":[],"b":["x"]}}')
  })

  it('is sorted by code point, whatever the names', () => {
    const names = ['10', '9', 'Z', '__proto__', 'a', 'é', '\ufffd', '😀']
    const found = names.toReversed().map((property) => ({ event: property, property }))
    const { body } = propertiesAnswer(3, found)
    expect([...body.matchAll(/"([^"]+)":\[/g)].map(([, name]) => name)).toEqual(names)
    expect(propertiesAnswer(3, []).body).toBe('{"ListID":"3","Properties":{}}')
  })
})

describe('a question for properties', () => {
  const ask = (body: object, method = 'POST', query = '') => {
    const { headers, ...request } = aWireRequest(body)
    const question = readPropertiesQuestion({ ...request, headers, method, query }, aDecodeContext())
    return question.ok
      ? question.listId
      : [question.status, (JSON.parse(question.body) as { Errors: unknown[] }).Errors[0]]
  }

  it.each<[object, unknown]>([
    [{ SessionID: 's', ListID: '94' }, 94],
    [{ apikey: 'k', LISTID: 94, command: 'Website_Events.Properties' }, 94],
    [{ APIKey: 'k' }, [422, { Code: 1, Message: 'Missing ListID parameter' }]],
    [{ APIKey: 'k', ListID: null }, [422, { Code: 1, Message: 'Missing ListID parameter' }]],
    [{ APIKey: 'k', ListID: ' ' }, [422, { Code: 1, Message: 'Missing ListID parameter' }]],
    [{ APIKey: 'k', ListID: 'x' }, [422, { Code: 2, Message: 'Invalid ListID parameter' }]],
    [{ APIKey: 'k', ListID: 1.5 }, [422, { Code: 2, Message: 'Invalid ListID parameter' }]],
    [{ APIKey: 'k', ListID: 95 }, [422, { Code: 3, Message: 'List not found' }]],
    [{ ListID: 95 }, [401, { Code: 99_999, Message: 'Authentication failure or session expired' }]],
    [{ APIKey: 'k', ListID: 94, Command: 'x' }, [422, { Code: 0, Message: 'Invalid Command parameter' }]],
  ])('%j is understood as %j', (body, expected) => {
    expect(ask(body)).toEqual(expected)
  })

  it('may come in the query of a GET, whose body counts for nothing', () => {
    expect(ask({}, 'GET', 'ListID=94&apikey=k')).toBe(94)
    expect(ask({ APIKey: 'k', ListID: 94 }, 'GET')).toMatchObject([401, {}])
  })
})

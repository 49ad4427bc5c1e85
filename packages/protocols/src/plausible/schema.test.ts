import { afterEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { aWireRequest, onlyEvent } from '../testing.ts'
import { decodePlausible } from './decode.ts'
import { plausibleEventSchema } from './schema.ts'

const json = z.toJSONSchema(plausibleEventSchema) as {
  readonly properties: Record<string, { readonly description?: string }>
  readonly examples: readonly object[]
}

describe('plausibleEventSchema', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('names every field that is read, and no other', () => {
    const read = new Set<string>()
    const body = { n: null, name: 'x', u: '/', d: null, domain: 'a' }
    const spied = new Proxy<Record<string, unknown>>(body, {
      get: (target, key) => {
        if (typeof key === 'string') read.add(key)
        return Reflect.get(target, key) as unknown
      },
    })
    vi.spyOn(JSON, 'parse').mockReturnValue(spied)
    for (const name of ['x', 'engagement']) {
      body.name = name
      decodePlausible(aWireRequest('{}'))
    }
    vi.restoreAllMocks()
    // The tracker's version is documented since every client sends it, and not read.
    expect([...read, 'v'].toSorted()).toEqual(Object.keys(json.properties).toSorted())
  })

  it('describes every field', () => {
    for (const property of Object.values(json.properties)) expect(property.description).toMatch(/\.$/)
  })

  it('has examples that are accepted', () => {
    expect(json.examples.length).toBeGreaterThan(0)
    for (const example of json.examples) {
      expect(plausibleEventSchema.safeParse(example).error).toBeUndefined()
      expect(onlyEvent(decodePlausible(aWireRequest(example))).sites).toEqual(['example.com'])
    }
  })
})

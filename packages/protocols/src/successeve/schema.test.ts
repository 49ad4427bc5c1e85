import { afterEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { aDecodeContext, aWireRequest } from '../testing.ts'
import { successEveDecoder, type SuccessEveRoute } from './decode.ts'
import {
  successEveAccountSchema,
  successEveContactSchema,
  successEveElementSchema,
  successEveEventSchema,
} from './schema.ts'

const cases: readonly [SuccessEveRoute, z.ZodType][] = [
  ['event', successEveEventSchema],
  ['contact', successEveContactSchema],
  ['account', successEveAccountSchema],
  ['element', successEveElementSchema],
]

describe('the schemas', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.each(cases)('of %s names only fields that are read', (route, schema) => {
    const { properties } = z.toJSONSchema(schema) as { readonly properties: Record<string, unknown> }
    const read = new Set<string>()
    const spied = new Proxy<Record<string, unknown>>(
      {},
      {
        get: (target, key) => {
          if (typeof key === 'string') read.add(key)
          return key === 'contact_uid' && route === 'event' ? '1' : (Reflect.get(target, key) as unknown)
        },
      },
    )
    vi.spyOn(JSON, 'parse').mockReturnValue(spied)
    const decode = () =>
      successEveDecoder(route)({ ...aWireRequest('{}'), query: 'api_token=t0ken' }, aDecodeContext())
    decode()
    Object.assign(spied, { contact_uid: '1', unique_id: '1', account_uid: '1', event_uid: 'a' })
    decode()
    vi.restoreAllMocks()
    expect([...read]).toEqual(expect.arrayContaining(Object.keys(properties)))
  })

  it.each(cases)('of %s describes every field', (_, schema) => {
    const { properties } = z.toJSONSchema(schema) as {
      readonly properties: Record<string, { readonly description?: string }>
    }
    for (const [name, { description }] of Object.entries(properties)) {
      expect([name, description]).toEqual([name, expect.stringMatching(/\.$/)])
    }
  })
})

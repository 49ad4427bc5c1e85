import {
  successEveAccountSchema,
  successEveBatchSchema,
  successEveContactSchema,
  successEveDecoder,
  successEveElementSchema,
  successEveEventSchema,
  successEveFormSchema,
  successEvePingSchema,
  type SuccessEveRoute,
} from '@millrace/protocols'
import * as z from 'zod'
import type { EventRoute, RouteDocument, RouteExample, RouteParameter } from './event-route.ts'

const json = 'application/json'
const form = 'application/x-www-form-urlencoded'
const withToken = { query: 'api_token=t0ken', type: json } as const
/** `t0ken:` */
const basic = { headers: { authorization: 'Basic dDBrZW46' }, type: json } as const

const registration = {
  contact_uid: '123456',
  event_uid: 'user_registration',
  params: { account_uid: '78910', display_name: 'Registration' },
}
const onboarding = {
  contact_uid: '123456',
  event_uid: 'pageview',
  params: { account_uid: '78910', visit_url: 'http://myproduct.com/onboarding' },
}
const contact = { contact_uid: '123456', params: { name: 'Jane', plan: 'pro' } }
const account = { account_uid: '78910', params: { name: 'Acme', seats: 12 } }
const base64 = Buffer.from(JSON.stringify(registration)).toString('base64')

const parameters: readonly RouteParameter[] = [
  parameter('api_token', 'The token; also as a field, or as the user name of HTTP Basic.'),
  parameter('_method', '`post`, where a client can only GET; `data` then stands in the query.'),
  parameter('encode', 'How `data` is coded: none or base64.'),
  parameter('data', 'The content as JSON text, or as base64 of it.'),
]

const event = describe('Takes an event of a contact', successEveEventSchema, {
  event: { ...withToken, body: registration },
  pageview: { ...basic, body: onboarding },
  form: { type: form, body: `api_token=t0ken&encode=base64&data=${encodeURIComponent(base64)}` },
  query: {
    type: form,
    query: `api_token=t0ken&encode=base64&_method=post&data=${encodeURIComponent(base64)}`,
    body: '',
  },
})

const contactDocument = describe('Takes what is known of a contact', successEveContactSchema, {
  contact: { ...withToken, body: contact },
})

const batch = describe('Takes up to 100 calls', successEveBatchSchema, {
  batch: {
    ...basic,
    body: [
      { method: 'event', ...registration },
      { method: 'contact', ...contact },
      { method: 'account', ...account },
    ],
  },
})

export const successeveRoutes: readonly EventRoute[] = [
  route('/v1/track/event', 'event', event),
  route(
    '/v1/track/pageview',
    'pageview',
    describe('Takes a page view of a contact', successEveEventSchema, {
      pageview: { ...basic, body: onboarding },
    }),
  ),
  route('/v1/batch', 'batch', batch),
  route('/v1/contact', 'contact', contactDocument),
  route('/v1/user', 'contact', contactDocument),
  route(
    '/v1/account',
    'account',
    describe('Takes what is known of an account', successEveAccountSchema, {
      account: { ...withToken, body: account },
    }),
  ),
  route(
    '/v1/element',
    'element',
    describe('Takes a record of a data set, as the oldest clients send it', successEveElementSchema, {
      element: { ...withToken, body: { unique_id: 'o-7', params: { dataset: 'order', total: 20 } } },
    }),
  ),
  route(
    '/v1/ping',
    'ping',
    describe('Says whether a token is known; stores nothing', successEvePingSchema, {
      ping: { ...withToken, body: {} },
    }),
  ),
]

function route(path: string, call: SuccessEveRoute, document: RouteDocument): EventRoute {
  return { path, methods: ['POST', 'GET'], protocol: 'successeve', decode: successEveDecoder(call), document }
}

function describe(
  summary: string,
  schema: z.ZodType,
  examples: Readonly<Record<string, RouteExample>>,
): RouteDocument {
  return {
    summary,
    parameters,
    bodies: [
      { types: [json], schema },
      { types: [form, 'multipart/form-data'], schema: successEveFormSchema },
    ],
    examples,
    answers: {
      200: 'Success: the log has the events, or the disk that they wait on while the log is away.',
      400: 'The content cannot be read, or lacks a required field, which `field` names; nothing is stored.',
      401: 'The token is missing or not known, or several are given that differ.',
      405: 'A GET without `_method=post`.',
    },
  }
}

function parameter(name: string, description: string): RouteParameter {
  return { name, description, isRequired: false, schema: z.string() }
}

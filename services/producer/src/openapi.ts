import type { EventRoute, RouteDocument, RouteParameter } from '@millrace/intake'
import * as z from 'zod'
import type { QueryRoute } from './query-route.ts'

/** What the HTTP side takes and answers, as OpenAPI 3.1 (whose schemas are JSON Schema 2020-12, which zod writes). */
export function openApiDocument(
  routes: readonly EventRoute[],
  queryRoutes: readonly QueryRoute[] = [],
): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Millrace',
      version: '0.1.0',
      description:
        'Takes web events in. An event answered as accepted is kept; its receipt says where it is in the log, and the same place is in its row.',
    },
    paths: {
      ...Object.fromEntries(routes.map((route) => [route.path, eventPath(route)])),
      ...Object.fromEntries(queryRoutes.map((route) => [route.path, queryPath(route)])),
      ...operatingPaths,
    },
    components: { schemas: { Problem: problemSchema }, securitySchemes },
  }
}

function eventPath({ document, methods, protocol }: EventRoute): object {
  const { summary, parameters = [], answers } = document
  const operation = {
    summary,
    tags: [protocol],
    ...(securityOf[protocol] === undefined ? {} : { security: securityOf[protocol] }),
    ...(parameters.length === 0 ? {} : { parameters: parameters.map(parameterOf) }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, meaning]) => [status, answerOf(status, meaning)]),
      ),
      ...everywhere,
    },
  }
  const posted = { ...operation, requestBody: { required: true, content: contentOf(document) } }
  return Object.fromEntries(
    methods.map((method) => [method.toLowerCase(), method === 'GET' ? operation : posted]),
  )
}

function queryPath({ document, methods, tag }: QueryRoute): object {
  const { summary, parameters = [], answers } = document
  const described = Object.entries(answers).map(([status, description]) => [status, { description }] as const)
  const operation = {
    summary,
    tags: [tag],
    security: securityOf[tag],
    responses: Object.fromEntries(described),
  }
  const asked = { parameters: parameters.map(parameterOf) }
  const posted = { requestBody: { required: true, content: contentOf(document) } }
  return Object.fromEntries(
    methods.map((method) => [method.toLowerCase(), { ...operation, ...(method === 'GET' ? asked : posted) }]),
  )
}

function contentOf({ bodies, examples }: RouteDocument): object {
  const named = Object.entries(examples)
  return Object.fromEntries(
    bodies.flatMap(({ types, schema }) =>
      types.map((type) => {
        const own = named.filter(([, example]) => example.type === type)
        const shown = own.map(([name, { body, query }]): [string, object] => [
          name,
          { ...(query === undefined ? {} : { summary: `with the query ${query}` }), value: body },
        ])
        return [type, { schema: jsonSchema(schema), examples: Object.fromEntries(shown) }]
      }),
    ),
  )
}

function parameterOf({ name, description, isRequired, schema }: RouteParameter): object {
  return { name, in: 'query', description, required: isRequired, schema: jsonSchema(schema) }
}

function answerOf(status: string, description: string): object {
  return { description, ...(status.startsWith('2') ? { headers: receipt } : {}) }
}

function jsonSchema(schema: z.ZodType): object {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
}

/** Each protocol's ways to name its key, one of which is enough; what stands in a body is said in its schema. */
const securitySchemes = {
  kameleoonSiteCode: { type: 'apiKey', in: 'query', name: 'siteCode' },
  octethBearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'The API key or the session id; either may stand in the body instead, as APIKey or SessionID.',
  },
  successeveToken: { type: 'apiKey', in: 'query', name: 'api_token' },
  successeveBasic: {
    type: 'http',
    scheme: 'basic',
    description: 'The token as user name, without a password; it may stand in a form as api_token instead.',
  },
  selfTestToken: { type: 'http', scheme: 'bearer', description: 'The value of SELF_TEST_TOKEN.' },
}

type Security = readonly Readonly<Partial<Record<keyof typeof securitySchemes, readonly []>>>[]

/** `{}` is a request without any of them: its key is in the body. */
const securityOf: Readonly<Record<string, Security | undefined>> = {
  kameleoon: [{ kameleoonSiteCode: [] }],
  octeth: [{ octethBearer: [] }, {}],
  operating: [{ selfTestToken: [] }],
  successeve: [{ successeveToken: [] }, { successeveBasic: [] }, {}],
}

const problemSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: { code: { type: 'string' }, message: { type: 'string' } },
    },
  },
}

const problemContent = { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } }
const retryAfter = { 'retry-after': { description: 'Seconds to wait', schema: { type: 'integer' } } }
const text = (description: string) => ({
  description,
  content: { 'text/plain': { schema: { type: 'string' } } },
})
const json = (description: string) => ({
  description,
  content: { 'application/json': { schema: { type: 'object' } } },
})

const receipt = {
  'x-millrace-receipt': {
    description:
      'Place of each event in the raw log, partition-offset, in the order of the request; absent while one waits, or for more than 500',
    schema: { type: 'string', examples: ['3-1200456', '3-1200456,0-88'] },
  },
}

const everywhere = {
  '413': { description: 'The body or one event is too large; nothing is stored.', content: problemContent },
  '415': {
    description: 'The body is compressed; send it without Content-Encoding.',
    content: problemContent,
  },
  '429': {
    description: 'More events than the site may send; nothing is stored.',
    headers: retryAfter,
    content: problemContent,
  },
  '503': {
    description: 'The log does not take events in time; send them again.',
    headers: retryAfter,
    content: problemContent,
  },
}

const operatingPaths = {
  '/healthz': { get: { summary: 'Whether the process lives', responses: { '200': text('It does.') } } },
  '/readyz': {
    get: {
      summary: 'Whether requests should be sent here',
      responses: { '200': json('Yes.'), '503': json('No, and why.') },
    },
  },
  '/api/health': {
    get: {
      summary: 'Health in the form Plausible answers it',
      responses: { '200': json('All well.'), '500': json('The log is out of reach.') },
    },
  },
  '/api/error': {
    get: { summary: 'Empty, as Plausible answers it', responses: { '200': text('Nothing.') } },
  },
  '/metrics': {
    get: { summary: 'Metrics in the Prometheus text format', responses: { '200': text('The metrics.') } },
  },
  '/openapi.json': { get: { summary: 'This document', responses: { '200': json('The document.') } } },
}

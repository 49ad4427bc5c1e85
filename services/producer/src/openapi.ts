import type { EventRoute } from '@millrace/intake'
import * as z from 'zod'

/** What the HTTP side takes and answers, as OpenAPI 3.1 (whose schemas are JSON Schema 2020-12, which zod writes). */
export function openApiDocument(routes: readonly EventRoute[]): object {
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
      ...operatingPaths,
    },
    components: { schemas: { Problem: problemSchema } },
  }
}

function eventPath(route: EventRoute): object {
  const schema = z.toJSONSchema(route.schema, { io: 'input', unrepresentable: 'any' })
  const examples = Object.fromEntries(
    Object.entries(route.examples).map(([name, value]) => [name, { value }]),
  )
  const content = Object.fromEntries(
    ['text/plain', 'application/json'].map((type) => [type, { schema, examples }]),
  )
  const operation = {
    summary: route.summary,
    tags: [route.protocol],
    requestBody: { required: true, content },
    responses: eventResponses,
  }
  return Object.fromEntries(route.methods.map((method) => [method.toLowerCase(), operation]))
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

const eventResponses = {
  '202': {
    ...text('The log has every event of the request, or the disk that it waits on while the log is away.'),
    headers: {
      'x-millrace-receipt': {
        description:
          'Place of each event in the raw log, partition-offset, in the order of the request; absent while one waits',
        schema: { type: 'string', examples: ['3-1200456', '3-1200456,0-88'] },
      },
      'x-plausible-dropped': {
        description: 'How many of the events a rule refused; absent when none',
        schema: { type: 'integer' },
      },
    },
  },
  '400': json('The request cannot be read as events; nothing is stored.'),
  '413': { description: 'The body or one event is too large; nothing is stored.', content: problemContent },
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
  '/metrics': {
    get: { summary: 'Metrics in the Prometheus text format', responses: { '200': text('The metrics.') } },
  },
  '/openapi.json': { get: { summary: 'This document', responses: { '200': json('The document.') } } },
}

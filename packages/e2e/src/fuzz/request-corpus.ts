import { eventRoutes } from '@millrace/intake'
import { aBrowser } from '../pipeline-process.ts'
import type { FuzzRequest } from './fuzz-request.ts'

export interface KnownRequest {
  readonly name: string
  readonly request: FuzzRequest
}

/** The sites file under which every example of the OpenAPI document is accepted. */
export const fuzzSites = {
  acceptUnknownSites: false,
  sites: [
    {
      domain: 'example.com',
      goals: [{ eventName: 'Purchase', currency: 'USD' }],
      kameleoon: { siteCodes: ['abcdefghij'] },
      octeth: { listIds: [94] },
      successeve: { apiTokens: ['t0ken'] },
    },
  ],
  octeth: { apiKeys: ['k'], sessionIds: ['s'] },
}

/** Requests that are sound, of every route: the documented examples, so a new protocol comes in by itself. */
export function requestCorpus(): KnownRequest[] {
  return eventRoutes.flatMap(({ path, document }) =>
    Object.entries(document.examples).map(([name, { query = '', headers = {}, type, body }]) => ({
      name: `${path} ${name}`,
      request: {
        method: 'POST',
        path,
        query,
        headers: [['content-type', type], ['user-agent', aBrowser], ...Object.entries(headers)] as const,
        body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      },
    })),
  )
}

/** Paths that take no events. */
export const otherPaths = [
  '/healthz',
  '/readyz',
  '/metrics',
  '/openapi.json',
  '/api/health',
  '/api/v1/website_events.properties',
  '/',
  '/api/events',
  '/nothing',
] as const

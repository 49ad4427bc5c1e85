import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { topicSpecs } from '@millrace/events'
import { eventRoutes } from '@millrace/intake'
import { openLog, type Log } from '@millrace/log'
import { createLogger, Metrics } from '@millrace/runtime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { startProducer, type RunningProducer } from './start.ts'

/** The sites file of the design: the examples' keys. */
const sites = {
  sites: [
    {
      domain: 'example.com',
      kameleoon: { siteCodes: ['abcdefghij'] },
      octeth: { listIds: [94] },
      successeve: { apiTokens: ['t0ken'] },
    },
  ],
  octeth: { apiKeys: ['k'], sessionIds: [] },
}
const aBrowser =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

interface Operation {
  readonly responses: Record<string, { readonly headers?: Record<string, unknown> }>
  readonly security?: Record<string, unknown>[]
  readonly requestBody?: { readonly content: Record<string, { readonly examples: Record<string, unknown> }> }
}

describe('/openapi.json of a running producer', () => {
  let directory: string
  let log: Log
  let producer: RunningProducer
  let document: {
    readonly openapi: string
    readonly paths: Record<string, Record<string, Operation>>
    readonly components: { readonly securitySchemes: Record<string, unknown> }
  }
  const urlOf = (path: string) => `http://127.0.0.1:${String(producer.port)}${path}`

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-openapi-'))
    log = await openLog({ DATA_DIR: directory, EMBEDDED_LOG_BYTES_MAX: 2 ** 28 }, { clientId: 'test' })
    const retention = { rawRetentionH: 24, enrichedRetentionH: 24 }
    await log.createTopics(topicSpecs({ partitions: 4, replicationFactor: 1, ...retention }))
    const file = join(directory, 'sites.json')
    await writeFile(file, JSON.stringify(sites))
    producer = await startProducer(
      readConfig({
        HOST: '127.0.0.1',
        PORT: '0',
        DATA_DIR: directory,
        SITES_FILE: file,
        SELF_TEST_TOKEN: 'a-token-of-tests',
      }),
      {
        logger: createLogger({ name: 'test', level: 'silent' }),
        metrics: new Metrics(),
        fail: (error) => {
          throw error
        },
      },
    )
    document = (await (await fetch(urlOf('/openapi.json'))).json()) as typeof document
  })

  afterAll(async () => {
    await producer.drain()
    await log.close()
    await rm(directory, { recursive: true, force: true })
  })

  const examples = eventRoutes.flatMap((route) =>
    Object.entries(route.document.examples).map(([name, example]) => ({
      title: `${route.path} ${name}`,
      name,
      route,
      example,
    })),
  )

  it.each(examples)(
    'its example $title is accepted as it stands, as it says',
    async ({ name, route, example }) => {
      const { type, query, headers = {}, body } = example
      const operation = document.paths[route.path]?.post
      expect(Object.keys(operation?.requestBody?.content[type]?.examples ?? {})).toContain(name)
      const response = await fetch(urlOf(query === undefined ? route.path : `${route.path}?${query}`), {
        method: 'POST',
        headers: { 'content-type': type, 'user-agent': aBrowser, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      })
      expect([response.status, response.ok, await response.text()]).toEqual([
        expect.any(Number),
        true,
        expect.any(String),
      ])
      const said = operation?.responses[String(response.status)]
      expect(Object.keys(said?.headers ?? {})).toContain('x-millrace-receipt')
    },
  )

  it('has every path that the producer answers, and no other', async () => {
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const method of ['get', 'post']) {
        const { status } = await fetch(urlOf(path), { method: method.toUpperCase() })
        const isThere = method in operations
        expect([path, method, isThere ? status !== 404 : status === 405]).toEqual([path, method, true])
      }
    }
    // Those of the contract; the document is made from the same lists as the routes.
    const contract =
      '/api/event /visit/events /api/v1/event /api/v1/website_events.properties /v1/track/event /v1/batch /healthz /readyz /metrics /openapi.json'
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(contract.split(' ')))
  })

  it('says of every keyed call how its key is named', () => {
    const schemes = Object.keys(document.components.securitySchemes)
    const keyed = eventRoutes.filter(({ protocol }) => protocol !== 'plausible')
    for (const { path, methods } of keyed) {
      for (const method of methods) {
        const security = document.paths[path]?.[method.toLowerCase()]?.security ?? []
        expect([path, method, security.length > 0]).toEqual([path, method, true])
        for (const name of security.flatMap(Object.keys)) expect(schemes).toContain(name)
      }
    }
    const ownBearer = (path: string) => document.paths[path]?.get?.security?.flatMap(Object.keys)
    expect(ownBearer('/api/v1/website_events.properties')).toEqual(['octethBearer'])
    expect(ownBearer('/api/self-test')).toEqual(['selfTestToken'])
  })
})

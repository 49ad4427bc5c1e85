import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createStore } from './index.ts'
import { openTestDatabase, type TestDatabase } from './testing.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await openTestDatabase(startEmbeddedClickHouse)
})

afterAll(() => database.close())

describe('blocks of a result', () => {
  it('are small enough to leave the event loop free, and share the strings of dictionaries', async () => {
    const rows: number[] = []
    const names = new Set<string>()
    await database.store.readBlocks(
      "SELECT toLowCardinality(concat('a name of some length ', toString(number % 2))) AS name FROM numbers(100000)",
      (block) => {
        rows.push(block.rows)
        for (const name of block.texts('name')) names.add(name)
      },
    )
    expect(rows.reduce((sum, count) => sum + count, 0)).toBe(100_000)
    expect(Math.max(...rows)).toBeLessThanOrEqual(4_096)
    expect(names.size).toBe(2)
  })

  it('do not come before the whole result is there, so that none is passed on of one that fails', async () => {
    let blocks = 0
    const reading = database.store.readBlocks(
      'SELECT throwIf(number = 200000) AS x FROM numbers(300000)',
      () => blocks++,
    )
    await expect(reading).rejects.toMatchObject({ retriable: false })
    expect(blocks).toBe(0)
  })

  it('that break off are STORE_UNAVAILABLE, also when nothing more comes', async () => {
    const [cut, stalled] = await Promise.all(
      [true, false].map((isCut) =>
        listening((request, response) => {
          request.resume()
          response.writeHead(200, { 'content-length': 100 }).write(Buffer.from([1, 1]))
          if (isCut) setTimeout(() => response.destroy(), 10)
        }),
      ),
    )
    for (const server of [cut!, stalled!]) {
      const reader = createStore({ ...database.options, url: urlOf(server), requestMsMax: 500 })
      await expect(reader.readBlocks('SELECT 1', () => undefined)).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        retriable: true,
      })
      await reader.close()
      server.closeAllConnections()
      server.close()
    }
  })
})

async function listening(answer: RequestListener): Promise<Server> {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { firstInsert, StoreProxy, type Passage } from './store-proxy.ts'

const insert = '/?query=INSERT%20INTO%20events%20FORMAT%20Native&insert_deduplication_token=t'
const rows = Buffer.alloc(300_000, 'r')
const patienceMs = 150

describe('StoreProxy', () => {
  let server: Server
  let proxy: StoreProxy
  /** Of each request that came whole. */
  let got: { url: string; bytes: number; at: number }[]
  let cut: number

  beforeEach(async () => {
    got = []
    cut = 0
    server = createServer((request, response) => {
      let bytes = 0
      request.on('data', (chunk: Buffer) => (bytes += chunk.length))
      request.on('end', () => {
        got.push({ url: request.url ?? '', bytes, at: performance.now() })
        response.writeHead(200, { 'x-clickhouse-summary': 's' }).end('done')
      })
      request.on('error', () => cut++)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    proxy = await StoreProxy.start(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  })
  afterEach(async () => {
    await proxy.close()
    server.close()
  })

  const post = (path = insert) =>
    fetch(`${proxy.url}${path}`, { method: 'POST', body: rows, signal: AbortSignal.timeout(patienceMs) })
  const treat = (passage: Passage) => proxy.treatInserts(() => passage)
  const patient = (path = insert) => fetch(`${proxy.url}${path}`, { method: 'POST', body: rows })

  it('passes requests and answers on as they are', async () => {
    const answer = await patient()
    expect(await answer.text()).toBe('done')
    expect(answer.headers.get('x-clickhouse-summary')).toBe('s')
    expect(got).toMatchObject([{ url: insert, bytes: rows.length }])
  })

  it('holds an answer until the client has given up, after ClickHouse did the work', async () => {
    treat({ kind: 'hold-answer', ms: patienceMs * 2 })
    await expect(post()).rejects.toThrow('timeout')
    expect(got).toHaveLength(1)
    await expect.poll(() => proxy.pending).toBe(0)
  })

  it('brings an insert to ClickHouse after the client has given up', async () => {
    treat({ kind: 'hold-request', ms: patienceMs * 2 })
    await expect(post()).rejects.toThrow('timeout')
    const gaveUpAt = performance.now()
    expect(got).toEqual([])
    await expect.poll(() => got.length).toBe(1)
    expect(got[0]).toMatchObject({ bytes: rows.length })
    expect(got[0]!.at).toBeGreaterThan(gaveUpAt)
  })

  it('breaks both connections in the middle of an insert', async () => {
    treat({ kind: 'cut' })
    await expect(patient()).rejects.toThrow('fetch failed')
    await expect.poll(() => cut).toBe(1)
    expect(got).toEqual([])
  })

  it('breaks the client off when ClickHouse has done the work', async () => {
    treat({ kind: 'drop-answer' })
    await expect(patient()).rejects.toThrow('fetch failed')
    expect(got).toHaveLength(1)
  })

  it('treats nothing but inserts, and only while it is told to', async () => {
    treat({ kind: 'cut' })
    expect((await patient('/?query=SELECT%201')).status).toBe(200)
    proxy.treatInserts()
    expect((await patient()).status).toBe(200)
  })

  it('tells of an insert that ClickHouse has got and not answered', async () => {
    const begun = firstInsert([proxy], 5_000)
    const answer = patient()
    const found = await begun
    await found?.settled
    expect((await answer).status).toBe(200)
    expect(await firstInsert([proxy], 10)).toBeUndefined()
    expect(await firstInsert([], 10)).toBeUndefined()
  })

  it('shows a server that is gone as a broken connection', async () => {
    server.close()
    server.closeAllConnections()
    await expect(patient()).rejects.toThrow('fetch failed')
  })
})

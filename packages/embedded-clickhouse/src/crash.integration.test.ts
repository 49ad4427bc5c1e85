/** What kill -9 leaves, who holds the directory, and when the process ends. */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { startEmbeddedClickHouse } from './start-embedded-clickhouse.ts'
import { anEngine } from './testing.ts'

const window = 'SETTINGS non_replicated_deduplication_window = 10000'

async function ask(url: string, sql: string, settings: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${url}/?${new URLSearchParams(settings).toString()}`, {
    method: 'POST',
    body: sql,
  })
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return text.trimEnd()
}

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('the engine process', () => {
  it('keeps what it acknowledged through kill -9, and stores no batch twice', async () => {
    const engine = await anEngine()
    const { url } = engine
    await ask(
      url,
      `CREATE TABLE t (batch UInt32, id UInt32) ENGINE = MergeTree ORDER BY (batch, id) ${window}`,
    )
    await ask(
      url,
      `CREATE TABLE sums (batch UInt32, c UInt64) ENGINE = SummingMergeTree ORDER BY batch ${window}`,
    )
    await ask(url, 'CREATE MATERIALIZED VIEW v TO sums AS SELECT batch, count() AS c FROM t GROUP BY batch')
    const rows = 500
    let batch = 0
    let unanswered = 0
    for (let round = 0; round < 8; round++) {
      const acknowledgedBefore = batch
      const dies = setTimeout(() => process.kill(engine.engine.pid, 'SIGKILL'), 40 + round * 17)
      for (;;) {
        const data = Array.from({ length: rows }, (_, id) => `${batch}\t${id}\n`).join('')
        const settings = { insert_deduplication_token: `t:0:${batch}` }
        try {
          await ask(url, `INSERT INTO t FORMAT TSV\n${data}`, settings)
          batch++
          if (batch - acknowledgedBefore > 2_000) throw new Error('bug: the engine was not killed')
        } catch (error) {
          if (String(error).includes('bug')) throw error
          unanswered++
          break
        }
      }
      clearTimeout(dies)
      await expect.poll(() => ask(url, 'SELECT 1').catch(String), { timeout: 20_000 }).toBe('1')
      const acknowledged = await ask(url, `SELECT count() FROM t WHERE batch < ${batch}`)
      expect(Number(acknowledged)).toBe(batch * rows)
    }
    const last = Array.from({ length: rows }, (_, id) => `${batch}\t${id}\n`).join('')
    for (const settings of [
      { insert_deduplication_token: `t:0:${batch}` },
      { insert_deduplication_token: `t:0:${batch}` },
    ]) {
      await ask(url, `INSERT INTO t FORMAT TSV\n${last}`, settings)
    }
    expect(unanswered).toBe(8)
    const total = (batch + 1) * rows
    expect(await ask(url, 'SELECT count(), uniqExact(batch, id), (SELECT sum(c) FROM sums) FROM t')).toBe(
      `${total}\t${total}\t${total}`,
    )
    await engine.close()
  }, 120_000)

  it('is not started again when that is not wanted', async () => {
    const engine = await anEngine({ restart: false })
    process.kill(engine.engine.pid, 'SIGKILL')
    await expect(engine.engine.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' })
    await engine.close()
  })

  it('ends cleanly when closed, after the statement in hand', async () => {
    const engine = await anEngine()
    const slow = ask(engine.url, 'SELECT sleep(1)')
    await ask(engine.url, 'SELECT 1')
    const closed = engine.engine.close()
    await expect(slow).resolves.toBe('0')
    await closed
    await expect(engine.engine.exited).resolves.toEqual({ code: 0, signal: null })
    await engine.close()
  })

  it('keeps its databases from one start to the next', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-engine-'))
    const first = await startEmbeddedClickHouse({ directory })
    await ask(first.url, 'CREATE DATABASE d')
    await ask(first.url, 'CREATE TABLE d.t (a UInt8) ENGINE = MergeTree ORDER BY a')
    await ask(first.url, 'INSERT INTO d.t VALUES (1)')
    await first.close()
    const second = await startEmbeddedClickHouse({ directory })
    expect(await ask(second.url, 'SELECT * FROM d.t')).toBe('1')
    await second.close()
    rmSync(directory, { recursive: true, force: true })
  })

  it('refuses a directory that another holds, in one line, and takes it when that one goes', async () => {
    const first = await anEngine()
    const { directory } = first
    const limits = { lockWaitMsMax: 300 }
    await expect(startEmbeddedClickHouse({ directory, limits })).rejects.toThrow(
      /^embedded ClickHouse does not start: .* is in use by the engine process \d+ on [^\n]+$/,
    )
    const waiting = startEmbeddedClickHouse({ directory })
    await first.engine.close()
    const second = await waiting
    expect(await ask(second.url, 'SELECT 1')).toBe('1')
    await second.close()
    await first.close()
  })

  it('refuses a port that is taken, in one line', async () => {
    const first = await anEngine()
    const directory = mkdtempSync(join(tmpdir(), 'millrace-engine-'))
    await expect(startEmbeddedClickHouse({ directory, port: first.port })).rejects.toThrow(
      /^embedded ClickHouse does not start: [^\n]*EADDRINUSE[^\n]*$/,
    )
    await first.close()
    rmSync(directory, { recursive: true, force: true })
  })

  it('ends when its parent is killed', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-engine-'))
    const script = join(directory, 'parent.mts')
    const door = new URL('./start-embedded-clickhouse.ts', import.meta.url).href
    writeFileSync(
      script,
      `import { startEmbeddedClickHouse } from ${JSON.stringify(door)}
       const engine = await startEmbeddedClickHouse({ directory: ${JSON.stringify(directory)} })
       process.send({ pid: engine.pid })`,
    )
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
    const parent = fork(script, [], { execArgv: ['--import', tsx, '--conditions=source'] })
    const { pid } = await new Promise<{ pid: number }>((resolve) =>
      parent.once('message', resolve as () => void),
    )
    expect(isRunning(pid)).toBe(true)
    parent.kill('SIGKILL')
    await expect.poll(() => isRunning(pid), { timeout: 15_000 }).toBe(false)
    rmSync(directory, { recursive: true, force: true })
  })
})

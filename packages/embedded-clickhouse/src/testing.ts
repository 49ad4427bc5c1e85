/** Engines for tests: in directories of their own, gone when closed. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  startEmbeddedClickHouse,
  type EmbeddedClickHouse,
  type EmbeddedClickHouseOptions,
} from './start-embedded-clickhouse.ts'

export interface TestEngine {
  readonly url: string
  readonly port: number
  readonly directory: string
  readonly engine: EmbeddedClickHouse
  /** Memory of the engine process now. */
  rssBytes(): number
  close(): Promise<void>
}

/** An engine of a few hundred megabytes; `default` may write and `readonly` may read, both without a password. */
export async function anEngine(options: Partial<EmbeddedClickHouseOptions> = {}): Promise<TestEngine> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-engine-'))
  const engine = await startEmbeddedClickHouse({ directory, ...options })
  return {
    url: engine.url,
    port: engine.port,
    directory,
    engine,
    rssBytes: () => rssBytes(engine.pid),
    close: async () => {
      await engine.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function rssBytes(pid: number): number {
  if (process.platform !== 'linux') {
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024
  }
  const [, kibibytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) * 1024
}

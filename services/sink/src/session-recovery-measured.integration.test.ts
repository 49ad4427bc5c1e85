import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { measureRecovery } from './session-recovery.bench.ts'

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-recovery-'))
})

afterAll(() => rm(directory, { recursive: true, force: true }))

it('the measured recovery finds each active session once, among older ones', async () => {
  const found = await measureRecovery({ directory, sessions: 10_000, older: 20_000 })
  expect(found).toMatchObject({ sessions: 10_000, rows: 50_000 })
  expect(found.ms).toBeGreaterThan(0)
}, 120_000)

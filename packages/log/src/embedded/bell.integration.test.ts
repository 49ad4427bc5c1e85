import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Bell } from './bell.ts'

/** Long enough that only a wake can end a wait. */
const longMs = 10_000

describe('Bell', () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-bell-'))
  const file = join(directory, 'data.mdb')
  let bells: Bell[] = []

  const aBell = (pollMs: number): Bell => {
    const bell = new Bell({ file, pollMs })
    bells.push(bell)
    return bell
  }

  async function took(waiting: Promise<void>): Promise<number> {
    const startedAt = performance.now()
    await waiting
    return performance.now() - startedAt
  }

  beforeEach(() => writeFileSync(file, ''))
  afterEach(() => {
    for (const bell of bells) bell.close()
    bells = []
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  it('wakes those who wait for the subject, here and on other bells, and nobody else', async () => {
    const [here, there] = [aBell(longMs), aBell(longMs)]
    const other = took(there.wait('other', 300))
    const waits = [took(here.wait('news', longMs)), took(there.wait('news', longMs))]
    here.ring('news')
    for (const ms of await Promise.all(waits)) expect(ms).toBeLessThan(250)
    expect(await other).toBeGreaterThan(250)
  })

  it('misses no news that came after the mark', async () => {
    const [here, there] = [aBell(longMs), aBell(longMs)]
    const since = here.mark('news')
    there.ring('news')
    expect(await took(here.wait('news', longMs, { since }))).toBeLessThan(1_000)
    expect(await took(here.wait('news', 100, { since: here.mark('news') }))).toBeGreaterThan(50)
  })

  it('wakes when another process changed the file', async () => {
    const bell = aBell(20)
    await bell.wait('news', 200) // it has seen the file as it is
    const waiting = took(bell.wait('news', longMs))
    utimesSync(file, new Date(), new Date(Date.now() + 5_000))
    expect(await waiting).toBeLessThan(1_000)
  })

  it.each([
    ['the signal aborts', (abort: AbortController) => abort.abort()],
    ['the bell is closed', (_: AbortController, bell: Bell) => bell.close()],
  ])('ends a wait when %s', async (_, end) => {
    const abort = new AbortController()
    const bell = aBell(longMs)
    const waiting = took(bell.wait('news', longMs, { signal: abort.signal }))
    end(abort, bell)
    expect(await waiting).toBeLessThan(1_000)
    expect(await took(bell.wait('news', longMs, { signal: abort.signal }))).toBeLessThan(1_000)
  })
})

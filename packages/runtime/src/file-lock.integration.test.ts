import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockFile, tryLockFile } from './file-lock.ts'

let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-lock-'))
  path = join(directory, 'some.lock')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** A process that takes the lock, says so, and holds it until it is killed. */
async function aHolder() {
  const source = new URL('./file-lock.ts', import.meta.url).href
  const code = `import { tryLockFile } from ${JSON.stringify(source)}
    console.log(tryLockFile(${JSON.stringify(path)}) === undefined ? 'held' : 'taken')
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, said: said.toString().trim() }
}

describe('a file lock', () => {
  it('goes to one at a time, and to the next once it is released', () => {
    const first = tryLockFile(path)
    expect(first).toBeDefined()
    expect(tryLockFile(path)).toBeUndefined()
    first?.release()
    const second = tryLockFile(path)
    expect(second).toBeDefined()
    second?.release()
    expect(readdirSync(directory)).toEqual([])
  })

  it('stays with a living process, and dies with it', async () => {
    const { child, said } = await aHolder()
    expect(said).toBe('taken')
    expect(tryLockFile(path)).toBeUndefined()
    await expect(lockFile(path, 60)).rejects.toThrow(`process ${String(child.pid)} on `)
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    const lock = tryLockFile(path)
    expect(lock).toBeDefined()
    lock?.release()
  })

  it('is waited for', async () => {
    const first = tryLockFile(path)
    const waiting = lockFile(path, 5_000)
    setTimeout(() => first?.release(), 30)
    const lock = await waiting
    expect(tryLockFile(path)).toBeUndefined()
    lock.release()
  })

  const holder = { pid: process.pid, startedAt: 'not when this process began', hostname: hostname() }

  it('is not believed to be held by a later process with the id of its holder', () => {
    writeFileSync(path, JSON.stringify(holder))
    expect(tryLockFile(path)).toBeDefined()
  })

  it('stays with a process of another host for as long as that one renews it', () => {
    writeFileSync(path, JSON.stringify({ ...holder, hostname: 'elsewhere' }))
    expect(tryLockFile(path)).toBeUndefined()
    const longAgo = new Date(Date.now() - 60_000)
    utimesSync(path, longAgo, longAgo)
    expect(tryLockFile(path)).toBeDefined()
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
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

  /** Writes the lock as if another had it. */
  const heldBy = (changes: object): void => {
    const lock = tryLockFile(path)
    const holder = JSON.parse(readFileSync(path, 'utf8')) as object
    lock?.release()
    writeFileSync(path, JSON.stringify({ ...holder, token: 'another', ...changes }))
  }

  it('is not believed to be held by a later process with the id of its holder', () => {
    heldBy({ startedAt: 'not when this process began' })
    expect(tryLockFile(path)).toBeDefined()
  })

  it.each([
    ['on another host', { hostname: 'elsewhere' }],
    [
      'in another container of this host, with a pid that is another process here',
      { pidNamespace: 'pid:[1]', pid: 1 },
    ],
  ])('stays with a process %s for as long as that one renews it', (_, changes) => {
    heldBy(changes)
    expect(tryLockFile(path)).toBeUndefined()
    const longAgo = new Date(Date.now() - 60_000)
    utimesSync(path, longAgo, longAgo)
    expect(tryLockFile(path)).toBeDefined()
  })

  it('knows when another has taken it, and leaves it alone then', () => {
    const first = tryLockFile(path)
    expect(first?.isHeld()).toBe(true)
    rmSync(path) // as another host does when this one has not renewed it
    const second = tryLockFile(path)
    expect([first?.isHeld(), second?.isHeld()]).toEqual([false, true])
    first?.release()
    expect(second?.isHeld()).toBe(true)
    second?.release()
    expect(second?.isHeld()).toBe(false)
  })
})

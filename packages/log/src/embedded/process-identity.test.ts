import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { hasDied, ownProcess } from './process-identity.ts'

describe('hasDied', () => {
  it('is false for this process and for one that runs', () => {
    expect(hasDied(ownProcess())).toBe(false)
    expect(hasDied({ ...ownProcess(), pid: process.ppid, startedAt: '' })).toBe(false)
  })

  it('is true for a process that was killed', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    await once(child, 'spawn')
    const identity = { ...ownProcess(), pid: child.pid ?? 0, startedAt: '' }
    expect(hasDied(identity)).toBe(false)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(hasDied(identity)).toBe(true)
  })

  it('is true when the process id belongs to a later process', () => {
    if (ownProcess().startedAt === '') return
    expect(hasDied({ ...ownProcess(), pid: process.ppid, startedAt: '1' })).toBe(true)
  })

  it('is false for a process of another machine or namespace, which cannot be seen', () => {
    expect(hasDied({ ...ownProcess(), scope: 'elsewhere', pid: 2 ** 22 + 1 })).toBe(false)
  })
})

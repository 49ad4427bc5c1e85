import { describe, expect, it } from 'vitest'
import { listenWhenFree, type ListenOptions } from './listen.ts'

const taken = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE' })

/** A port that is free from the given attempt on, and a clock that moves 100 ms a look. */
function aPort(freeFrom: number, trouble: Error = taken) {
  const seen = { attempts: 0, toldTaken: 0, ms: 0 }
  const options: ListenOptions = {
    listen: () => (++seen.attempts < freeFrom ? Promise.reject(trouble) : Promise.resolve()),
    address: '127.0.0.1:8080',
    waitMsMax: 1_000,
    pollMs: 1,
    onTaken: () => {
      seen.toldTaken++
    },
    now: () => (seen.ms += 100),
  }
  return { seen, options }
}

describe('listenWhenFree', () => {
  it('says once that the port is taken, and listens when it is free', async () => {
    const { seen, options } = aPort(4)
    await listenWhenFree(options)
    expect(seen).toMatchObject({ attempts: 4, toldTaken: 1 })
  })

  it('gives up in one clear line after its time', async () => {
    const { options } = aPort(1_000)
    await expect(listenWhenFree(options)).rejects.toThrow(
      '127.0.0.1:8080 is taken by another program (waited 1000 ms)',
    )
  })

  it('waits for no other trouble', async () => {
    const { seen, options } = aPort(4, new Error('EACCES'))
    await expect(listenWhenFree(options)).rejects.toThrow('EACCES')
    expect(seen.attempts).toBe(1)
  })
})

import { describe, expect, it } from 'vitest'
import { QuietLog } from './quiet-log.ts'

describe('QuietLog', () => {
  it('writes each kind once in five seconds and says how many were left out', () => {
    let now = 0
    const quiet = new QuietLog(() => now)
    const written: string[] = []
    const tell = (kind: string) =>
      quiet.occasionally(kind, (leftOut) => written.push(`${kind} ${String(leftOut)}`))
    tell('a')
    tell('a')
    tell('b')
    now = 4_999
    tell('a')
    now = 5_000
    tell('a')
    expect(written).toEqual(['a 0', 'b 0', 'a 2'])
  })
})

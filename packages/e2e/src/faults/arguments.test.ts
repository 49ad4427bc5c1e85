import { describe, expect, it } from 'vitest'
import { readArguments } from './arguments.ts'

describe('readArguments', () => {
  it('runs three rounds on both logs when nothing is said', () => {
    expect(readArguments([])).toEqual({
      seed: 1,
      from: 0,
      rounds: 3,
      logs: ['embedded', 'kafka'],
      report: undefined,
    })
  })

  it('takes what is said', () => {
    const given =
      '--seed 9 --rounds 100 --from 40 --log kafka --brokers 3 --faults kill-sink,lose-quorum --report r.md'
    expect(readArguments(given.split(' '))).toEqual({
      seed: 9,
      from: 40,
      rounds: 100,
      logs: ['kafka'],
      brokers: 3,
      kinds: ['kill-sink', 'lose-quorum'],
      report: 'r.md',
    })
  })

  it.each([
    ['--log disk', /--log wants kafka, embedded or both/],
    ['--brokers 2', /--brokers wants 1 or 3/],
    ['--rounds 0', /--rounds wants a whole number from 1/],
    ['--seed x', /--seed wants a whole number from 0/],
    ['--faults kill-sink,flood', /does not know flood; it knows kill-producer,/],
    ['--shout', /--shout/],
  ])('refuses %s', (given, reason) => {
    expect(() => readArguments(given.split(' '))).toThrow(reason)
  })
})

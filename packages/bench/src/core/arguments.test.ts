import { describe, expect, it } from 'vitest'
import { readArguments } from './arguments.ts'

describe('the arguments', () => {
  it('default to every part on both logs, five rounds', () => {
    const { parts, logs, rounds, isQuick } = readArguments([])
    expect([parts.length > 5, logs, rounds, isQuick]).toEqual([true, ['embedded', 'kafka'], 5, false])
  })

  it('take one round when it is to be quick', () => {
    expect(readArguments(['--quick']).rounds).toBe(1)
  })

  it('choose parts, log, rounds and place', () => {
    const given = readArguments(['--only', 'sink,log', '--log', 'kafka', '--rounds', '3', '--out', 'x'])
    expect(given).toEqual({
      isQuick: false,
      parts: ['sink', 'log'],
      logs: ['kafka'],
      rounds: 3,
      tableEvents: 50_000_000,
      directory: 'x',
    })
  })

  it.each([
    { args: ['--only', 'sink,none'], told: 'none' },
    { args: ['--log', 'paper'], told: '--log' },
    { args: ['--rounds', '0'], told: '--rounds' },
    { args: ['--table-events', 'many'], told: '--table-events' },
    { args: ['--fast'], told: '--fast' },
  ])('are refused when they make no sense: $args', ({ args, told }) => {
    expect(() => readArguments(args)).toThrow(told)
  })
})

import { parseArgs } from 'node:util'
import { faultKinds, type FaultKind } from './fault-kind.ts'

export interface Arguments {
  readonly seed: number
  readonly from: number
  readonly rounds: number
  readonly logs: readonly ('kafka' | 'embedded')[]
  readonly brokers?: 1 | 3
  readonly kinds?: readonly FaultKind[]
  readonly report: string | undefined
}

export const usage =
  'npm run test:faults -- [--seed 1] [--rounds 3] [--from 0] [--log kafka|embedded|both] [--brokers 1|3] ' +
  '[--faults KIND,KIND] [--report FILE.md]'

/** Words that make no sense are told before anything is started. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** @throws UsageError */
export function readArguments(args: readonly string[]): Arguments {
  const values = parse(args)
  const { log, brokers } = values
  if (log !== 'kafka' && log !== 'embedded' && log !== 'both')
    throw new UsageError('--log wants kafka, embedded or both')
  if (brokers !== undefined && brokers !== '1' && brokers !== '3')
    throw new UsageError('--brokers wants 1 or 3')
  return {
    seed: whole(values.seed, '--seed', 0),
    from: whole(values.from, '--from', 0),
    rounds: whole(values.rounds, '--rounds', 1),
    logs: log === 'both' ? ['embedded', 'kafka'] : [log],
    ...(brokers === undefined ? {} : { brokers: brokers === '1' ? 1 : 3 }),
    ...(values.faults === undefined ? {} : { kinds: kindsOf(values.faults) }),
    report: values.report,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string', default: '1' },
        from: { type: 'string', default: '0' },
        rounds: { type: 'string', default: '3' },
        log: { type: 'string', default: 'both' },
        brokers: { type: 'string' },
        faults: { type: 'string' },
        report: { type: 'string' },
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function whole(text: string, name: string, min: number): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < min) {
    throw new UsageError(`${name} wants a whole number from ${min}`)
  }
  return value
}

function kindsOf(text: string): FaultKind[] {
  const names = text.split(',')
  const unknown = names.filter((name) => !faultKinds.some((kind) => kind === name))
  if (unknown.length > 0)
    throw new UsageError(`--faults does not know ${unknown.join(', ')}; it knows ${faultKinds.join(', ')}`)
  return names as FaultKind[]
}

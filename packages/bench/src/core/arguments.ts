import { parseArgs } from 'node:util'
import { partNames, type PartName } from './bench-part.ts'

export interface Arguments {
  readonly isQuick: boolean
  readonly parts: readonly PartName[]
  readonly logs: readonly ('embedded' | 'kafka')[]
  readonly rounds: number
  /** Of the large table that storage, queries and history share. */
  readonly tableEvents: number
  /** Where results go. */
  readonly directory: string
}

export const usage =
  'npm run bench -- [--quick] [--only PART,PART] [--log embedded|kafka|both] [--rounds 5] [--table-events 50000000] [--out DIRECTORY]\n' +
  `parts: ${partNames.join(', ')}`

/** Words that make no sense are told before anything is started. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** @throws UsageError */
export function readArguments(args: readonly string[]): Arguments {
  const values = parse(args)
  const { log } = values
  if (log !== 'kafka' && log !== 'embedded' && log !== 'both')
    throw new UsageError('--log wants kafka, embedded or both')
  const rounds = Number(values.rounds ?? (values.quick ? '1' : '5'))
  if (!Number.isSafeInteger(rounds) || rounds < 1)
    throw new UsageError('--rounds wants a whole number from 1')
  const tableEvents = Number(values['table-events'])
  if (!Number.isSafeInteger(tableEvents) || tableEvents < 1)
    throw new UsageError('--table-events wants a whole number from 1')
  return {
    isQuick: values.quick,
    parts: values.only === undefined ? partNames : partsOf(values.only),
    logs: log === 'both' ? ['embedded', 'kafka'] : [log],
    rounds,
    tableEvents,
    directory: values.out,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string' },
        log: { type: 'string', default: 'both' },
        rounds: { type: 'string' },
        'table-events': { type: 'string', default: '50000000' },
        out: { type: 'string', default: 'data/bench' },
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function partsOf(text: string): PartName[] {
  const unknown = text.split(',').filter((name) => !partNames.some((part) => part === name))
  if (unknown.length > 0) {
    throw new UsageError(`--only does not know ${unknown.join(', ')}; it knows ${partNames.join(', ')}`)
  }
  return text.split(',') as PartName[]
}

import { parseArgs } from 'node:util'

export interface FuzzArguments {
  readonly seed: number
  readonly from: number
  readonly requests: number
  readonly secondsMax: number
  readonly connections: number
}

export const fuzzUsage =
  'npm run test:fuzz -- [--requests 50000] [--seed 1] [--from 0] [--seconds-max 900] [--connections 48]'

/** Words that make no sense are told before anything is started. */
export class FuzzUsageError extends Error {
  override readonly name = 'FuzzUsageError'
}

/** @throws FuzzUsageError */
export function readFuzzArguments(args: readonly string[]): FuzzArguments {
  const values = parse(args)
  return {
    seed: whole(values.seed, '--seed', 0),
    from: whole(values.from, '--from', 0),
    requests: whole(values.requests, '--requests', 1),
    secondsMax: whole(values['seconds-max'], '--seconds-max', 1),
    connections: whole(values.connections, '--connections', 1),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string', default: '1' },
        from: { type: 'string', default: '0' },
        requests: { type: 'string', default: '50000' },
        'seconds-max': { type: 'string', default: '900' },
        connections: { type: 'string', default: '48' },
      },
    }).values
  } catch (error) {
    throw new FuzzUsageError(error instanceof Error ? error.message : String(error))
  }
}

function whole(text: string, name: string, min: number): number {
  if (!/^\d{1,12}$/.test(text) || Number(text) < min) {
    throw new FuzzUsageError(`${name} wants a whole number from ${String(min)}`)
  }
  return Number(text)
}

import { parseArgs } from 'node:util'
import { UsageError } from './command.ts'

export interface ImportArguments {
  readonly file: string
  readonly rejects: string
  /** Events a second. */
  readonly rate: number | undefined
  readonly isDryRun: boolean
  /** Whether to wait until the events are stored. */
  readonly waits: boolean
}

export const importUsage = 'import FILE [--rejects PATH] [--rate N] [--dry-run] [--no-wait]'

/** What an operator has no reason to change. */
export const importLimits = {
  /** The largest body in base64 or with every second character escaped, and its headers. */
  lineBytesMax: 8 * 1024 * 1024,
  /** As the producer's defaults. */
  bodyBytesMax: 3_145_728,
  recordBytesMax: 500_000,
  /** Of one append; Kafka takes 1 MiB a partition. */
  recordsMax: 1_000,
  bytesMax: 900_000,
  linesMax: 10_000,
  saveEveryMs: 1_000,
  pageLines: 20_000,
  /** Raw and enriched records that may wait before the import does: some seconds of work, and live events wait behind it. */
  backlogRecordsMax: 50_000,
  lookEveryRecords: 10_000,
  pollMs: 250,
  /** How long nothing may move before the import gives up, to be run again. */
  stallMsMax: 120_000,
  /** How long the log or the store may be gone, at full delay. */
  triesMax: 60,
  delayMsMin: 100,
  delayMsMax: 5_000,
  requestMsMax: 30_000,
  /** Share of the embedded log that imports may fill; the rest is kept for live events. */
  logShareMax: 0.8,
} as const

/** @throws UsageError */
export function readImportArguments(args: string[]): ImportArguments {
  const { values, positionals } = parsed(args)
  const [file] = positionals
  if (file === undefined || positionals.length !== 1) throw new UsageError('name one file')
  if (file === '-') {
    throw new UsageError('standard input cannot be gone back to after a crash; write it to a file first')
  }
  const rejects = values.rejects ?? `${file}.rejected.ndjson`
  if (rejects === file) throw new UsageError('--rejects names the file itself')
  const rate = values.rate === undefined ? undefined : Number(values.rate)
  if (rate !== undefined && !(Number.isSafeInteger(rate) && rate > 0)) {
    throw new UsageError('--rate wants a whole number of events a second')
  }
  return { file, rejects, rate, isDryRun: values['dry-run'], waits: values.wait }
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      allowNegative: true,
      options: {
        rejects: { type: 'string' },
        rate: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        wait: { type: 'boolean', default: true },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

import { openFixedIntake } from '@millrace/intake'
import type { Command, CommandContext, Terminal } from './command.ts'
import { ImportCounter, nothingCounted } from './import-counts.ts'
import { importLimits, importUsage, readImportArguments, type ImportArguments } from './import-options.ts'
import { ImportReader } from './import-reader.ts'
import { RejectsFile } from './import-rejects.ts'
import { ImportRun } from './import-run.ts'
import { ImportSource } from './import-source.ts'
import { describeCounts } from './import-summary.ts'

/** Silence for longer needs a word. */
const noticeAfterMs = 2_000

export const importCommand: Command = {
  usage: importUsage,
  summary:
    'Stores captured requests (NDJSON, also gzip) with their own time, each once, however often it is run; ' +
    'goes on where it was stopped.',
  async run(args, context) {
    const options = readImportArguments(args)
    const rules = await openFixedIntake(context.config)
    const source = await openSource(options.file, context.terminal)
    try {
      if (options.isDryRun) return await rehearse(source, { ...context, options, intake: rules.intake })
      return await importOnce(source, { ...context, options, rules })
    } finally {
      await source.close()
    }
  },
}

async function openSource(path: string, terminal: Terminal): Promise<ImportSource> {
  const notice = setTimeout(() => terminal.warn(`reads ${path} once, to know it again`), noticeAfterMs)
  try {
    return await ImportSource.open(path)
  } finally {
    clearTimeout(notice)
  }
}

/** Runs until it is done or the process is asked to end; asked a second time, it ends at once. */
async function importOnce(
  source: ImportSource,
  context: CommandContext & {
    readonly options: ImportArguments
    readonly rules: Awaited<ReturnType<typeof openFixedIntake>>
  },
): Promise<number> {
  const stopping = new AbortController()
  const stop = (): void => stopping.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    return await new ImportRun(source, { ...context, signal: stopping.signal }).run()
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

/** Decodes and counts; nothing is sent. */
async function rehearse(
  source: ImportSource,
  { terminal, options, intake }: CommandContext & { options: ImportArguments; intake: ReaderIntake },
): Promise<number> {
  const reader = new ImportReader({
    intake,
    producerId: `import-${source.hash.slice(0, 16)}`,
    partitionCount: 1,
    limits: importLimits,
    now: Date.now(),
  })
  const counter = new ImportCounter(nothingCounted)
  const rejects = await RejectsFile.open(options.rejects, 0)
  try {
    for await (const line of source.lines({ position: 0, lines: 0 }, importLimits.lineBytesMax)) {
      const result = reader.read(line)
      counter.add(result)
      if (result.kind !== 'rejected') continue
      await rejects.write([{ line: line.number, cause: result.cause, message: result.message }])
    }
  } finally {
    await rejects.close()
  }
  for (const text of describeCounts(counter.counts)) terminal.print(text)
  if (counter.counts.rejected.size > 0) terminal.print(`rejected lines: ${options.rejects}`)
  terminal.print('nothing was sent: this was a dry run')
  return 0
}

type ReaderIntake = ConstructorParameters<typeof ImportReader>[0]['intake']

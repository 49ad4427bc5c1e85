import { createStore, type Store } from '@millrace/clickhouse'
import { topics } from '@millrace/events'
import type { FixedIntake } from '@millrace/intake'
import { LogError, openLog, type AppendRecord, type Log, type LogAppender } from '@millrace/log'
import { describeError, OptionsError, QuietLog, retry } from '@millrace/runtime'
import type { CommandContext } from './command.ts'
import { BacklogWatch } from './import-backlog.ts'
import { LogBooks } from './import-books.ts'
import { ImportDisplay } from './import-display.ts'
import { awaitBacklog, ImportFlow } from './import-flow.ts'
import { ImportLedger, notBegun, type ImportFile, type ImportRow, type ImportState } from './import-ledger.ts'
import { importLimits, type ImportArguments } from './import-options.ts'
import { ImportReader } from './import-reader.ts'
import { RejectsFile } from './import-rejects.ts'
import { ImportSender } from './import-sender.ts'
import type { ImportSource } from './import-source.ts'
import { describeCounts, questionFor, timeText } from './import-summary.ts'

const roomForLive =
  `imports leave ${Math.round((1 - importLimits.logShareMax) * 100)}% of EMBEDDED_LOG_BYTES_MAX to live events; ` +
  'retention makes room'

export interface ImportRunOptions extends CommandContext {
  readonly options: ImportArguments
  readonly rules: FixedIntake
  readonly signal: AbortSignal
}

/** One run of one file's import: from where the last one has come, to the end or until it is stopped. */
export class ImportRun {
  readonly #source: ImportSource
  readonly #options: ImportRunOptions
  readonly #store: Store
  readonly #ledger: ImportLedger
  readonly #quiet = new QuietLog()

  constructor(source: ImportSource, options: ImportRunOptions) {
    const { config } = options
    this.#source = source
    this.#options = options
    this.#store = createStore({
      url: config.clickHouseUrl,
      database: config.CLICKHOUSE_DATABASE,
      user: config.CLICKHOUSE_USER,
      password: config.CLICKHOUSE_PASSWORD,
      requestMsMax: importLimits.requestMsMax,
    })
    this.#ledger = new ImportLedger(this.#store)
  }

  /** @returns the exit code */
  async run(): Promise<number> {
    try {
      const row = await this.#ledger.find(this.#source.hash)
      if (row?.finishedAt !== undefined) return this.#sayFinished(row, row.finishedAt)
      const log = await this.#openLog()
      try {
        return await this.#continue(row, log)
      } finally {
        await log.close()
      }
    } finally {
      await this.#store.close()
    }
  }

  /** With less room than the services, so that an import never takes the last of the log from live events. */
  #openLog(): Promise<Log> {
    const { config } = this.#options
    const bytesMax = Math.floor(config.EMBEDDED_LOG_BYTES_MAX * importLimits.logShareMax)
    return openLog({ ...config, EMBEDDED_LOG_BYTES_MAX: bytesMax }, { clientId: 'millrace-import' })
  }

  async #continue(row: ImportRow | undefined, log: Log): Promise<number> {
    const { options, signal, terminal } = this.#options
    const beganAt = performance.now()
    const file = this.#file(row, await log.partitionCount(topics.raw))
    if (row !== undefined) this.#goOn(row, file)
    const { counts } = (await this.#send(row ?? notBegun, { file, log })).state
    this.#print(describeCounts(counts))
    if (counts.rejected.size > 0) this.#print([`rejected lines: ${options.rejects}`])
    if (!signal.aborted && options.waits) await this.#awaitStored(log)
    if (signal.aborted) {
      terminal.warn(`stopped behind line ${counts.lines}; run it again to go on`)
      return 1
    }
    const seconds = ((performance.now() - beganAt) / 1000).toFixed(1)
    this.#print([
      `${options.waits ? 'stored' : 'sent'} in ${seconds} s`,
      ...questionFor(counts, file.startedAt),
    ])
    return 0
  }

  #file(row: ImportRow | undefined, partitions: number): ImportFile {
    const { hash, name, size } = this.#source
    const rules = this.#options.rules.fingerprint
    return { hash, name, size, partitions, rules, startedAt: row?.startedAt ?? wholeSecond(Date.now()) }
  }

  /** @throws OptionsError where what was sent last could be sent again to another partition, and be stored twice */
  #goOn(row: ImportRow, file: ImportFile): void {
    if (row.partitions !== file.partitions) {
      throw new OptionsError(
        `the import of ${row.name} was begun on ${row.partitions} partitions, and the raw topic has ${file.partitions}`,
      )
    }
    if (!row.isExact && row.rules !== file.rules) {
      throw new OptionsError(
        `the import of ${row.name} was cut off under another SITES_FILE or TRUSTED_PROXIES; go on with those of then, ` +
          `or import the rest, from line ${row.counts.lines + 1} on, as a file of its own`,
      )
    }
    this.#options.terminal.warn(
      `goes on behind line ${row.counts.lines}, as of ${timeText(row.updatedAt)} UTC`,
    )
  }

  async #send(begin: ImportState, { file, log }: { file: ImportFile; log: Log }): Promise<ImportSender> {
    const { options, terminal } = this.#options
    const appender = await log.appender()
    const rejects = await RejectsFile.open(options.rejects, begin.rejectsBytes)
    const ends = (await log.watermarks(topics.raw)).map(({ high }) => high)
    const sender = this.#sender(begin, { file, log, ends, appender, rejects })
    const display = new ImportDisplay({ terminal, size: file.size, state: () => sender.state })
    try {
      const lines = begin.counts.lines - (begin.counts.lines % importLimits.pageLines)
      const from = { position: begin.pagePosition, lines }
      await sender.run(this.#source.lines(from, importLimits.lineBytesMax))
      return sender
    } catch (error) {
      terminal.warn(`cut off behind line ${sender.state.counts.lines}; run it again to go on`)
      throw error
    } finally {
      display.close()
      await rejects.close()
      await appender.close()
    }
  }

  #sender(
    begin: ImportState,
    parts: {
      readonly file: ImportFile
      readonly log: Log
      readonly ends: readonly number[]
      readonly appender: LogAppender
      readonly rejects: RejectsFile
    },
  ): ImportSender {
    const { file, ends, appender, rejects } = parts
    const { rules, signal } = this.#options
    const producerId = `import-${file.hash.slice(0, 16)}`
    const append = (records: readonly AppendRecord[]) =>
      this.#retried('the log', () => appender.append(records))
    const reader = new ImportReader({
      intake: rules.intake,
      producerId,
      partitionCount: file.partitions,
      limits: importLimits,
      now: file.startedAt,
    })
    const flow = this.#flow(parts.log)
    return new ImportSender(begin, {
      read: (line) => reader.read(line),
      room: (records) => flow.room(records),
      append,
      books: new LogBooks({ counterId: producerId, ends, append }),
      writeRejects: (list) => rejects.write(list),
      save: (state, { isFinished }) => this.#save(file, state, isFinished),
      signal,
      now: () => performance.now(),
      limits: { ...importLimits, recordsMax: chunkRecords(this.#options.options.rate) },
    })
  }

  #flow(log: Log): ImportFlow {
    const { config, options, signal } = this.#options
    const watch = new BacklogWatch(log, config.CLICKHOUSE_DATABASE)
    return new ImportFlow({
      ...importLimits,
      backlog: () => watch.all(),
      rate: options.rate,
      signal,
      now: () => performance.now(),
    })
  }

  async #save(file: ImportFile, state: ImportState, isFinished: boolean): Promise<void> {
    const updatedAt = Date.now()
    const row = { ...file, ...state, updatedAt, finishedAt: isFinished ? updatedAt : undefined }
    await this.#retried('ClickHouse', () => this.#ledger.save(row))
  }

  async #awaitStored(log: Log): Promise<void> {
    const { config, signal, terminal } = this.#options
    const watch = new BacklogWatch(log, config.CLICKHOUSE_DATABASE)
    terminal.warn('all of it is in the log; waits until it is stored')
    const unstored = await watch.untilNow()
    await awaitBacklog(unstored, 0, { ...importLimits, signal, now: () => performance.now() })
  }

  #retried<T>(what: string, work: () => Promise<T>): Promise<T> {
    const { signal, terminal } = this.#options
    return retry(work, {
      ...importLimits,
      signal,
      onRetry: (error) => {
        const room = error instanceof LogError && error.code === 'LOG_FULL' ? `; ${roomForLive}` : ''
        this.#quiet.occasionally(what, () => {
          terminal.warn(`${what} makes it wait: ${describeError(error)}${room}`)
        })
      },
    })
  }

  #sayFinished(row: ImportRow, finishedAt: number): number {
    this.#print([
      `${row.name} was imported already, at ${timeText(finishedAt)} UTC; nothing was sent`,
      ...describeCounts(row.counts),
      ...questionFor(row.counts, row.startedAt),
    ])
    return 0
  }

  #print(lines: readonly string[]): void {
    for (const line of lines) this.#options.terminal.print(line)
  }
}

/** As the table keeps it. */
function wholeSecond(atMs: number): number {
  return Math.floor(atMs / 1000) * 1000
}

/** Small enough that a slow import goes in ten steps a second. */
function chunkRecords(rate: number | undefined): number {
  return rate === undefined
    ? importLimits.recordsMax
    : Math.max(1, Math.min(importLimits.recordsMax, rate / 10))
}

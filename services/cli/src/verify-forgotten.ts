import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { saltLifeMs, saltRecordStart, startOfDay, topics } from '@millrace/events'
import { openLog, type Log } from '@millrace/log'
import { describeError } from '@millrace/runtime'
import { SingleBar } from 'cli-progress'
import * as z from 'zod'
import { UsageError, type Command, type Terminal } from './command.ts'
import { bytesBelow, searchFiles, type SearchedFor } from './file-search.ts'
import { readSaltTopic, type RetainedSalt } from './salt-topic.ts'

/** An enricher takes out of its memory what is forgotten once a minute. */
const forgettingMs = 60_000
/** Other days' salts that are listed. */
const listedMax = 20

export const verifyForgottenCommand: Command = {
  usage: 'verify-forgotten DATE [DIRECTORY ...]',
  summary:
    "Looks for the salts of a UTC day in the log, in every file of DATA_DIR and of the directories named (a broker's, a " +
    "backup's); exit code 1 when the day's visitor ids could still be recomputed, or when something cannot be looked at.",
  run([date = '', ...others], { config, terminal }) {
    if (!z.iso.date().safeParse(date).success)
      throw new UsageError(`${JSON.stringify(date)} is not a day such as 2026-11-21`)
    const isKafka = config.KAFKA_BROKERS !== undefined
    const directory = join(config.DATA_DIR, 'log')
    return verifyForgotten(date, {
      isKafka,
      openLog: () => {
        if (!isKafka && !existsSync(directory)) throw new Error(`there is no log in ${directory}`)
        return openLog(config, { clientId: 'millrace-verify-forgotten' })
      },
      // With Kafka there may be nothing of ours on this machine.
      directories: [...(!isKafka || existsSync(config.DATA_DIR) ? [config.DATA_DIR] : []), ...others],
      now: Date.now(),
      terminal,
    })
  },
}

/** One place that was looked at. */
interface Finding {
  readonly state: 'gone' | 'THERE' | 'NOT SEEN'
  readonly text: string
}

export interface VerifyForgottenOptions {
  readonly isKafka: boolean
  readonly openLog: () => Promise<Log>
  readonly directories: readonly string[]
  /** Unix milliseconds. */
  readonly now: number
  readonly terminal: Terminal
}

/** @returns the exit code: 0 only when every place was looked at and none holds a salt of the day */
export async function verifyForgotten(day: string, options: VerifyForgottenOptions): Promise<number> {
  const { terminal, now } = options
  terminal.print(`salts of ${day}, looked for at ${timeOf(now)}`)
  const topic = await lookAtTopic(day, options)
  const findings = [lookAtClock(day, now), ...topic.findings]
  const wanted = searchedFor(day, topic.salts)
  for (const directory of options.directories) {
    findings.push(...(await lookAtFiles(directory, wanted, terminal)))
  }
  for (const { state, text } of findings) terminal.print(`${state.padEnd(8)} ${text}`)
  listOthers(day, topic.salts, terminal)
  terminal.print(`beyond its sight: ${beyondSight}`)
  const isForgotten = findings.every(({ state }) => state === 'gone')
  terminal.print(
    isForgotten
      ? `nobody can recompute the visitor ids of ${day} from what was looked at`
      : `the visitor ids of ${day} can still be recomputed, or it cannot be told`,
  )
  return isForgotten ? 0 : 1
}

const beyondSight =
  'the memory of enrichers, which forget within a minute of the end of use, and what their machines swap or dump of it; ' +
  "brokers' disks, backups and copies, unless their directories are named; sectors of a disk that a file has left."

function lookAtClock(day: string, now: number): Finding {
  const until = startOfDay(day) + saltLifeMs + forgettingMs
  return now < until
    ? {
        state: 'THERE',
        text: `in the memory of enrichers: the day's salt, if there is one, until ${timeOf(until)}`,
      }
    : { state: 'gone', text: `by the clock: the day's salt was used until ${timeOf(until - forgettingMs)}` }
}

async function lookAtTopic(
  day: string,
  { openLog: open, isKafka }: VerifyForgottenOptions,
): Promise<{ readonly findings: readonly Finding[]; readonly salts: readonly RetainedSalt[] }> {
  const name = `${topics.salts} ${isKafka ? 'on Kafka' : 'in the embedded log'}`
  try {
    const log = await open()
    try {
      const salts = await readSaltTopic(log, { isKafka })
      const ofDay = salts.filter((salt) => salt.day === day)
      const none: Finding = { state: 'gone', text: `${name}: ${salts.length} salts, none of the day` }
      return { salts, findings: ofDay.length === 0 ? [none] : ofDay.map((salt) => retained(salt, name)) }
    } finally {
      await log.close()
    }
  } catch (error) {
    return { salts: [], findings: [{ state: 'NOT SEEN', text: `${name}: ${describeError(error)}` }] }
  }
}

function retained({ day, offset, appendedAt, usedUntil, goneAt }: RetainedSalt, name: string): Finding {
  const isLate = usedUntil > startOfDay(day) + saltLifeMs
  const late = isLate ? ', proposed after its day for events that came late' : ''
  const life = `used until ${timeOf(usedUntil)}, gone from the log by ${timeOf(goneAt)}`
  return { state: 'THERE', text: `${name}, offset ${offset}, of ${timeOf(appendedAt)}${late}: ${life}` }
}

/** A record in the clear, whole or in part; and the salt by itself, as far as it is known. */
function searchedFor(day: string, salts: readonly RetainedSalt[]): SearchedFor[] {
  const known = salts.filter((salt) => salt.day === day).map(({ bytes }) => bytes)
  return [
    { bytes: saltRecordStart(day), what: 'a salt record of the day' },
    ...known.map((bytes) => ({ bytes, what: 'the 16 bytes of a salt of the day' })),
    ...known.map((bytes) => ({
      bytes: Buffer.from(bytes.toString('base64')),
      what: 'a salt of the day in base64',
    })),
  ]
}

async function lookAtFiles(
  directory: string,
  wanted: readonly SearchedFor[],
  terminal: Terminal,
): Promise<Finding[]> {
  const bar = terminal.isInteractive
    ? new SingleBar({ format: `${directory} {bar} {percentage}%, {eta_formatted} left` })
    : undefined
  try {
    bar?.start(await bytesBelow(directory), 0)
    const { files, bytes, finds, unreadable } = await searchFiles(directory, wanted, (read) =>
      bar?.increment(read),
    )
    const searched = `${directory}: ${files} files, ${(bytes / 1e6).toFixed(1)} MB searched`
    const isClean = finds.length === 0 && unreadable.length === 0
    return [
      ...(isClean ? [{ state: 'gone' as const, text: `${searched}, nothing found` }] : []),
      ...finds.map((text) => ({ state: 'THERE' as const, text })),
      ...unreadable.map((text) => ({ state: 'NOT SEEN' as const, text })),
    ]
  } catch (error) {
    return [{ state: 'NOT SEEN', text: `${directory}: ${describeError(error)}` }]
  } finally {
    bar?.stop()
  }
}

/** When the salts of other days will go. */
function listOthers(day: string, salts: readonly RetainedSalt[], terminal: Terminal): void {
  const lastOfDay = new Map(salts.map((salt) => [salt.day, salt]))
  lastOfDay.delete(day)
  const others = [...lastOfDay.values()]
  for (const { day: other, usedUntil, goneAt } of others.slice(0, listedMax)) {
    terminal.print(`the salt of ${other} is used until ${timeOf(usedUntil)}, gone by ${timeOf(goneAt)}`)
  }
  if (others.length > listedMax) terminal.print(`and those of ${others.length - listedMax} more days`)
}

function timeOf(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`
}

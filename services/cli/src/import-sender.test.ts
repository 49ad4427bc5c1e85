import { decodeTally, topics } from '@millrace/events'
import type { AppendRecord, Position } from '@millrace/log'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LogBooks } from './import-books.ts'
import { notBegun, type ImportState } from './import-ledger.ts'
import type { SourceLine } from './import-lines.ts'
import type { LineResult } from './import-reader.ts'
import { ImportSender, type Reject } from './import-sender.ts'

const partitionCount = 3
const limits = { recordsMax: 4, bytesMax: 1_000, linesMax: 5, saveEveryMs: 3, pageLines: 4 }

/** A line of the file: the partition of each of its events, or a line that is no request. */
type LinePlan = readonly number[] | 'rejected'

const anyFile = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.array(fc.nat(partitionCount - 1), { maxLength: 6 }) },
    { weight: 1, arbitrary: fc.constant('rejected' as const) },
  ),
  { minLength: 3, maxLength: 40 },
)

/** Ten bytes a line, so that every event has a place of its own. */
const lineBytes = 10

function lineOf(number: number): SourceLine {
  return { number, start: (number - 1) * lineBytes, end: number * lineBytes, bytes: undefined }
}

function readPlan(plan: LinePlan, { start, number }: SourceLine): LineResult {
  if (plan === 'rejected') return { kind: 'rejected', cause: 'not_json', message: `line ${number}` }
  const events = plan.map((partition, index) => {
    const value = Buffer.from(String(start + index + 1))
    const record = { topic: topics.raw, partition, key: null, value }
    return { site: 'a.example', receivedAt: number * 20_000, drop: undefined, record }
  })
  return { kind: 'request', receivedAt: number * 20_000, events }
}

class Crash extends Error {}

/** What goes wrong at a step, and how many turns it takes: a process may be frozen while another goes on. */
interface Step {
  readonly hazard: 'none' | 'crash before' | 'crash after' | 'repeated'
  readonly turns: number
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  hazard: fc.oneof(
    { weight: 20, arbitrary: fc.constant('none' as const) },
    { weight: 1, arbitrary: fc.constantFrom('crash before' as const, 'crash after' as const) },
    { weight: 2, arbitrary: fc.constant('repeated' as const) },
  ),
  turns: fc.oneof({ weight: 9, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(300) }),
})
const anySteps = fc.array(anyStep, { minLength: 20, maxLength: 150 })

/** What survives a crash, and the runs that work on it. */
class World {
  readonly file: readonly LinePlan[]
  readonly partitions: number[][] = Array.from({ length: partitionCount }, () => [])
  saved: ImportState = notBegun
  isFinished = false
  rejects: readonly Reject[] = []
  readonly #tallied = new Map<string, number>()

  constructor(file: readonly LinePlan[]) {
    this.file = file
  }

  /** Runs again after every crash, until it is finished. @returns the runs it took */
  async runToTheEnd(steps: readonly Step[]): Promise<number> {
    const left = [...steps]
    for (let runs = 1; ; runs++) {
      try {
        await this.run(left)
        return runs
      } catch (error) {
        if (!(error instanceof Crash)) throw error
      }
    }
  }

  /** One run. @param steps are taken from the front */
  async run(steps: Step[], signal = new AbortController().signal): Promise<'finished' | 'stopped'> {
    const begin = this.saved
    const linesBeforePage = begin.counts.lines - (begin.counts.lines % limits.pageLines)
    expect(begin.pagePosition).toBe(linesBeforePage * lineBytes)
    this.rejects = this.rejects.slice(0, begin.rejectsBytes)
    const step = (work: () => void) => takeStep(steps.shift(), work)
    const append = (records: readonly AppendRecord[]) => this.#append(records, steps)
    let clock = 0
    const sender = new ImportSender(begin, {
      read: (line) => readPlan(this.file[line.number - 1] ?? 'rejected', line),
      room: () => step(() => undefined),
      append,
      books: new LogBooks({ counterId: 'import-1', ends: [], append }),
      writeRejects: async (rejects) => {
        await step(() => (this.rejects = [...this.rejects, ...rejects]))
        return this.rejects.length
      },
      save: (state, { isFinished }) =>
        step(() => {
          this.saved = state
          this.isFinished ||= isFinished
        }),
      signal,
      now: () => clock++,
      limits,
    })
    return sender.run(this.#linesFrom(begin))
  }

  async *#linesFrom({ pagePosition }: ImportState): AsyncGenerator<SourceLine> {
    await Promise.resolve()
    for (let number = pagePosition / lineBytes + 1; number <= this.file.length; number++) yield lineOf(number)
  }

  /** As Kafka does: each partition by itself, and possibly again after an answer that was lost. */
  async #append(records: readonly AppendRecord[], steps: Step[]): Promise<readonly Position[]> {
    const places: Position[] = []
    const partitions = new Set(records.map(({ partition }) => partition))
    for (const own of partitions) {
      const put = (): void => {
        for (const [index, record] of records.entries()) {
          if (record.partition === own) places[index] = { partition: own, offset: this.#put(record) }
        }
      }
      const step = steps.shift()
      await takeStep(step, put)
      if (step?.hazard === 'repeated') put()
    }
    return places
  }

  #put({ topic, partition, value }: AppendRecord): number {
    if (topic === topics.raw) return (this.partitions[partition]?.push(Number(value)) ?? 0) - 1
    for (const [page, site, minute, ofPartition, accepted] of decodeTally(value).counts) {
      const total = `${page} ${site} ${minute} ${ofPartition}`
      this.#tallied.set(total, Math.max(accepted, this.#tallied.get(total) ?? 0))
    }
    return 0
  }

  /** What the enricher takes: in each partition what is above the last sequence. */
  admitted(): number[][] {
    return this.partitions.map((records) => {
      let last = 0
      return records.filter((sequence) => {
        if (sequence <= last) return false
        last = sequence
        return true
      })
    })
  }

  /** Each event once, in the order of the file. */
  expected(): number[][] {
    return this.partitions.map((_, own) =>
      this.file.flatMap((plan, index) =>
        plan === 'rejected'
          ? []
          : plan.flatMap((partition, at) => (partition === own ? [index * lineBytes + at + 1] : [])),
      ),
    )
  }

  booked(): number {
    return [...this.#tallied.values()].reduce((sum, accepted) => sum + accepted, 0)
  }
}

async function takeStep(step: Step | undefined, work: () => void): Promise<void> {
  for (let turn = 0; turn < (step?.turns ?? 0); turn++) await Promise.resolve()
  if (step?.hazard === 'crash before') throw new Crash()
  work()
  if (step?.hazard === 'crash after') throw new Crash()
}

const eventsIn = (file: readonly LinePlan[]): number =>
  file.reduce((sum, plan) => sum + (plan === 'rejected' ? 0 : plan.length), 0)

describe('ImportSender', () => {
  const runs = 300

  it('sends each event once, in order, wherever it is cut off and run again', async () => {
    let crashes = 0
    await fc.assert(
      fc.asyncProperty(anyFile, anySteps, async (file, steps) => {
        const world = new World(file)
        crashes += (await world.runToTheEnd(steps)) - 1
        expect(world.admitted()).toEqual(world.expected())
        expect(world.isFinished).toBe(true)
        expect(world.saved.counts).toMatchObject({
          lines: file.length,
          events: eventsIn(file),
          requests: file.filter((plan) => plan !== 'rejected').length,
        })
      }),
      { numRuns: runs },
    )
    expect(crashes).toBeGreaterThan(runs)
  })

  it('sends each event once when several runs of the same file are under way', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyFile,
        fc.array(anySteps, { minLength: 2, maxLength: 3 }),
        async (file, allSteps) => {
          const world = new World(file)
          await Promise.all(allSteps.map((steps) => world.runToTheEnd(steps)))
          expect(world.admitted()).toEqual(world.expected())
        },
      ),
      { numRuns: runs },
    )
  })

  it('books each event once, however often it is sent', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyFile,
        fc.array(anySteps, { minLength: 1, maxLength: 2 }),
        async (file, allSteps) => {
          const world = new World(file)
          await Promise.all(allSteps.map((steps) => world.runToTheEnd(steps)))
          expect(world.booked()).toBe(eventsIn(file))
        },
      ),
      { numRuns: runs },
    )
  })

  it('lists each rejected line once, however often it is cut off', async () => {
    await fc.assert(
      fc.asyncProperty(anyFile, anySteps, async (file, steps) => {
        const world = new World(file)
        await world.runToTheEnd(steps)
        const lines = file.flatMap((plan, index) => (plan === 'rejected' ? [index + 1] : []))
        expect(world.rejects.map(({ line }) => line)).toEqual(lines)
        expect(world.saved.counts.rejected.get('not_json') ?? 0).toBe(lines.length)
      }),
      { numRuns: runs },
    )
  })

  it('says that nothing is beyond its position only when it was not cut off', async () => {
    await fc.assert(
      fc.asyncProperty(anyFile, anySteps, async (file, steps) => {
        const world = new World(file)
        await world.run([...steps]).catch(() => undefined)
        if (!world.saved.isExact) return
        expect(world.partitions.flat().filter((sequence) => sequence > world.saved.position)).toEqual([])
      }),
      { numRuns: runs },
    )
  })

  it('stops between two chunks, and the next run goes on there', async () => {
    const world = new World(Array.from({ length: 30 }, () => [0, 1, 2]))
    const stopping = new AbortController()
    const stopped = world.run([], stopping.signal)
    while (world.partitions[0]?.length !== 6) await Promise.resolve()
    stopping.abort()
    expect(await stopped).toBe('stopped')
    expect(world.saved).toMatchObject({ isExact: true, position: 60 })
    const before = world.partitions.flat().length
    expect(await world.run([])).toBe('finished')
    expect(world.partitions.flat().length - before).toBe(3 * 24)
    expect(world.admitted()).toEqual(world.expected())
  })
})

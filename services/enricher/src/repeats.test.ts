import { encodeRawEvent } from '@millrace/events'
import { aRawEvent } from '@millrace/events/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { anEnricher, FakeLogs } from './fake-logs.ts'

/** As many instances as their ids leave room for in the metadata. */
const producersMax = 60

type Step =
  | { readonly kind: 'write'; readonly producer: number; readonly records: number }
  /** The producer's last batch once more: its answer was lost, or it comes from its disk after a restart. */
  | { readonly kind: 'repeat'; readonly producer: number }
  /** The enricher reads on and dies at this append, before or after it is written; or it gets to the end. */
  | { readonly kind: 'die'; readonly atAppend: number; readonly isWritten: boolean }
  | { readonly kind: 'drain' }

const producer = fc.nat(producersMax - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('write'), producer, records: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant('repeat'), producer }),
  fc.record({ kind: fc.constant('die'), atAppend: fc.nat(4), isWritten: fc.boolean() }),
  fc.constant({ kind: 'drain' }),
)

it('passes each record on once, whenever its producer repeats its last batch and wherever the enricher starts anew', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 20, maxLength: 120, size: 'max' }),
      fc.nat(3),
      async (steps, rebuildRecordsMax) => {
        const history = new History(rebuildRecordsMax)
        for (const one of steps) await history.take(one)
        for (let index = 0; index < producersMax; index++) history.repeat(index)
        await history.drain()
        expect(history.logs.stored().map((record) => record.kind === 'event' && record.name)).toEqual(
          history.written,
        )
      },
    ),
    { numRuns: 100 },
  )
})

class History {
  readonly logs = new FakeLogs()
  /** Names of all records, in the order in which they came first. */
  readonly written: string[] = []
  readonly #rebuildRecordsMax: number
  readonly #lastBatches = new Map<number, readonly Buffer[]>()
  readonly #sequences = new Map<number, number>()

  constructor(rebuildRecordsMax: number) {
    this.#rebuildRecordsMax = rebuildRecordsMax
  }

  async take(step: Step): Promise<void> {
    if (step.kind === 'write') this.#write(step.producer, step.records)
    else if (step.kind === 'repeat') this.repeat(step.producer)
    else if (step.kind === 'die') await this.#die(step)
    else await this.drain()
  }

  repeat(producer: number): void {
    for (const value of this.#lastBatches.get(producer) ?? []) this.logs.add(value)
  }

  drain(): Promise<void> {
    return anEnricher(this.logs, { rebuildRecordsMax: this.#rebuildRecordsMax }).run()
  }

  #write(producer: number, count: number): void {
    const batch = Array.from({ length: count }, () => {
      const producerSequence = (this.#sequences.get(producer) ?? 0) + 1
      this.#sequences.set(producer, producerSequence)
      const name = `${String(producer)}: ${String(producerSequence)}`
      this.written.push(name)
      const producerId = `${String(producer).padStart(8, '0')}-0000-4000-8000-000000000000`
      return encodeRawEvent(aRawEvent({ name, producerId, producerSequence }))
    })
    this.#lastBatches.set(producer, batch)
    this.repeat(producer)
  }

  async #die(at: { readonly atAppend: number; readonly isWritten: boolean }): Promise<void> {
    let appends = 0
    const dying = anEnricher(this.logs, {
      rebuildRecordsMax: this.#rebuildRecordsMax,
      append: (records) => {
        const dies = appends++ === at.atAppend
        if (!dies || at.isWritten) this.logs.written.push(...records)
        return dies ? Promise.reject(new Error('killed')) : Promise.resolve()
      },
    })
    await dying.run().catch((error: unknown) => {
      expect(error).toMatchObject({ message: 'killed' })
    })
  }
}

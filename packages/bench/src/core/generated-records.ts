import { createHash } from 'node:crypto'
import { createEnricher, openGeo, type Enricher } from '@millrace/enrichment'
import { encodeEnrichedRecord, topics } from '@millrace/events'
import { eventRoutes, openFixedIntake, RawRecords, routePath, type Intake } from '@millrace/intake'
import type { AppendRecord } from '@millrace/log'
import { Traffic, type TrafficRequest } from '@millrace/traffic'
import { partitionCount } from './bench-log.ts'

const defaultReceiptStepMs = 0.5
const peer = '127.0.0.1'

export interface GeneratedOptions {
  readonly events: number
  readonly seed?: number
  readonly sites?: number
  readonly activeVisitors?: number
  readonly largestSiteShare?: number
  /** Milliseconds of receipt from one event to the next. Default: the pace of 2,000 events a second. */
  readonly receiptStepMs?: number
  /** When an event is received, by its number from 0, Unix milliseconds; instead of `receiptStepMs`. */
  readonly receivedAt?: (event: number) => number
  /** Of the first enriched record of each partition. */
  readonly rawOffset?: number
}

/** Raw records of generated traffic, as a producer makes them: through decoders and rules of the door. */
export class GeneratedRecords {
  readonly #intake: Intake
  readonly #enrich: Enricher

  private constructor(intake: Intake, enrich: Enricher) {
    this.#intake = intake
    this.#enrich = enrich
  }

  static async open(): Promise<GeneratedRecords> {
    const [{ intake }, geo] = await Promise.all([openFixedIntake({}), openGeo({})])
    return new GeneratedRecords(intake, createEnricher({ geo }))
  }

  *raw(options: GeneratedOptions): Generator<AppendRecord> {
    const records = new RawRecords({ producerId: `bench-${Date.now()}`, partitionCount })
    for (const event of this.#events(options)) yield records.make(event)
  }

  /** What an enricher makes of them, without the drops; each with the raw offset it would have come from. */
  *enriched(options: GeneratedOptions): Generator<AppendRecord> {
    const records = new RawRecords({ producerId: 'bench', partitionCount })
    const offsets = new Array<number>(partitionCount).fill(options.rawOffset ?? 0)
    const salts = { salt: saltOf('today'), previousSalt: saltOf('yesterday') }
    for (const event of this.#events(options)) {
      const { partition } = records.make(event)
      if (event.drop !== undefined || event.malformed !== undefined) continue
      const rawOffset = offsets[partition] ?? 0
      offsets[partition] = rawOffset + 1
      const enriched = this.#enrich(
        { ...event, producerId: 'bench', producerSequence: 1 },
        { ...salts, rawOffset },
      )
      yield { topic: topics.enriched, partition, key: null, value: encodeEnrichedRecord(enriched) }
    }
  }

  *#events({ events, receiptStepMs = defaultReceiptStepMs, ...options }: GeneratedOptions) {
    const traffic = new Traffic({ seed: 1, sites: 200, activeVisitors: 20_000, run: 'bench', ...options })
    const startedAt = Date.now() - events * receiptStepMs
    const { receivedAt = (event: number) => Math.floor(startedAt + event * receiptStepMs) } = options
    for (let made = 0; made < events;) {
      const taken = this.#read(traffic.next(), receivedAt(made))
      for (const event of taken.slice(0, events - made)) {
        made++
        yield event
      }
    }
  }

  #read(request: TrafficRequest, receivedAt: number) {
    const [path = '', query = ''] = request.path.split('?', 2)
    const route = eventRoutes.find((candidate) => candidate.path === routePath(path))
    if (route === undefined) throw new Error(`no route takes ${path}`)
    const { method, headers } = request
    const body = Buffer.from(request.body)
    const taken = this.#intake.read(route, { method, query, headers, body, peer }, receivedAt)
    if (!taken.ok) throw new Error(`generated traffic was refused with ${taken.status}: ${taken.body}`)
    return taken.events
  }
}

function saltOf(name: string): Buffer {
  return createHash('sha256').update(name).digest().subarray(0, 16)
}

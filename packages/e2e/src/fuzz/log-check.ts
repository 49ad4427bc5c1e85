import { isUtf8 } from 'node:buffer'
import { toUSVString } from 'node:util'
import { decodeRawEvent, topics } from '@millrace/events'
import type { Log, LogRecord } from '@millrace/log'
import type { ReceiptLedger } from './receipt-ledger.ts'

export interface LogCheck {
  readonly records: number
  /** Stored for a connection that a fault cut off before its answer; only from the address of broken requests. */
  readonly unanswered: number
  /** Each a sentence, at most `problemsMax`. */
  readonly problems: readonly string[]
}

const problemsMax = 20
/** An answer to more events has no receipt; the producer's own limit. */
const receiptPlacesMax = 500

/** Holds every record of the raw log to the answers: named by exactly one, of its protocol, and readable text. */
export async function checkLog(
  log: Log,
  options: { readonly ledger: ReceiptLedger; readonly brokenAddress: string },
): Promise<LogCheck> {
  const { ledger, brokenAddress } = options
  const problems: string[] = []
  let records = 0
  let unanswered = 0
  let named = 0
  const unnamed = new UnnamedRecords()
  const look = (partition: number, { offset, value }: LogRecord): void => {
    records++
    const place = `${String(partition)}-${String(offset)}`
    const event = decodeRawEvent(value)
    const answered = ledger.protocolAt(partition, offset)
    if (answered !== undefined) named++
    else if (event.ip === brokenAddress) unanswered++
    else
      unnamed.add(
        event.receivedAt,
        `${place}: no answer names this record: ${value.toString().slice(0, 300)}`,
      )
    if (answered !== undefined && answered !== '' && answered !== event.protocol) {
      problems.push(`${place}: answered as ${answered}, stored as ${event.protocol}`)
    }
    if (event.ip !== '127.0.0.1' && event.ip !== brokenAddress)
      problems.push(`${place}: came from ${event.ip}`)
    if (!isUtf8(value) || hasLoneSurrogate(event)) problems.push(`${place}: holds text that is no UTF-8`)
  }
  const partitions = await log.partitionCount(topics.raw)
  for (let partition = 0; partition < partitions; partition++) {
    const following = await log.follow({
      topic: topics.raw,
      partition,
      onRecord: (record) => {
        if (problems.length < problemsMax) look(partition, record)
      },
      onError: (error) => problems.push(`the log cannot be read: ${String(error)}`),
    })
    await following.stop()
  }
  problems.push(...unnamed.problems())
  if (problems.length === 0 && named !== ledger.count) {
    problems.push(`${String(ledger.count - named)} places that answers named hold no record`)
  }
  return { records, unanswered, problems: problems.slice(0, problemsMax) }
}

/** Records that no answer names, by the request they came in, which is known by its time of receipt. */
class UnnamedRecords {
  readonly #requests = new Map<number, { count: number; readonly first: string }>()

  add(receivedAt: number, problem: string): void {
    const request = this.#requests.get(receivedAt) ?? { count: 0, first: problem }
    request.count++
    this.#requests.set(receivedAt, request)
  }

  /** Of requests that had a receipt to get. */
  problems(): string[] {
    const small = [...this.#requests.values()].filter(({ count }) => count <= receiptPlacesMax)
    return small.map(({ first }) => first)
  }
}

function hasLoneSurrogate(value: unknown): boolean {
  if (typeof value === 'string') return toUSVString(value) !== value
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, part]) => hasLoneSurrogate(key) || hasLoneSurrogate(part))
}

import { topics, UndecodableRecordError } from '@millrace/events'
import type { Log, LogRecord } from '@millrace/log'
import { NeighbourError } from '@millrace/runtime'
import { dayOf, decodeSaltRecord, encodeSaltRecord, SaltBook, startOf, type Salt } from './salt-book.ts'

/** How long a proposal may take to come back from the log before the service gives up. */
const readBackMsMax = 30_000
/** Tomorrow's salt is proposed this long before midnight, so that midnight waits for nothing. */
const proposeAheadMs = 10 * 60_000

export interface VisitorSalts {
  /** Of the UTC day of receipt, 16 bytes. */
  readonly salt: Buffer
  /** Of the day before, for sessions that live across midnight. */
  readonly previousSalt: Buffer
}

export interface SaltsOptions {
  readonly log: Pick<Log, 'follow'>
  /** Appends one record to partition 0 of the salts topic; resolves once it is durable. */
  readonly append: (value: Buffer) => Promise<void>
  readonly now: () => number
  readonly randomBytes: (size: number) => Buffer
  /** The topic can no longer be followed. */
  readonly onError: (error: unknown) => void
  /** A record of the topic is no salt; it is passed over. */
  readonly onIgnored: (error: unknown) => void
  readonly readBackMsMax?: number
}

interface Waiter {
  readonly resolve: (salt: Buffer) => void
  readonly reject: (error: unknown) => void
}

/**
 * The random salts of the days, agreed on through the salts topic: every enricher proposes, the first record of a day
 * wins, so all give a visitor the same id without another store. Never derived from a secret; forgotten after 48 hours.
 */
export class Salts {
  readonly #options: SaltsOptions
  readonly #book = new SaltBook()
  readonly #waiting = new Map<string, Promise<Buffer>>()
  readonly #waiters = new Map<string, Waiter>()
  #renewing: Promise<void> | undefined
  #stopFollowing: (() => Promise<void>) | undefined

  private constructor(options: SaltsOptions) {
    this.#options = options
  }

  /** Resolves when every salt that the topic holds has been read. */
  static async open(options: SaltsOptions): Promise<Salts> {
    const salts = new Salts(options)
    const following = await options.log.follow({
      topic: topics.salts,
      partition: 0,
      onRecord: (record) => salts.#read(record),
      onError: options.onError,
    })
    salts.#stopFollowing = () => following.stop()
    return salts
  }

  /**
   * The salts of the day of receipt and of the day before; proposes one where the topic has none yet.
   * @param receivedAt Unix milliseconds
   * @throws NeighbourError `SALT_NOT_AGREED` when no proposal comes back from the log in time
   */
  async saltsFor(receivedAt: number): Promise<VisitorSalts> {
    const day = dayOf(receivedAt)
    const previousDay = dayOf(startOf(day) - 1)
    const [salt, previousSalt] = await Promise.all([this.#saltOf(day), this.#saltOf(previousDay)])
    return { salt, previousSalt }
  }

  /** Proposes tomorrow's salt shortly before midnight, keeps today's retained, forgets the old. Call every minute. */
  async maintain(): Promise<void> {
    const now = this.#options.now()
    this.#book.forget(now)
    const tomorrow = dayOf(now + proposeAheadMs)
    if (tomorrow !== dayOf(now)) await this.#saltOf(tomorrow)
    this.#renewing ??= this.#renew(now).finally(() => {
      this.#renewing = undefined
    })
    await this.#renewing
  }

  async close(): Promise<void> {
    await this.#stopFollowing?.()
    this.#book.clear()
  }

  #saltOf(day: string): Buffer | Promise<Buffer> {
    const known = this.#book.find(day, this.#options.now())
    if (known !== undefined) return known.bytes
    const waiting = this.#waiting.get(day) ?? this.#propose(day)
    this.#waiting.set(day, waiting)
    return waiting
  }

  async #propose(day: string): Promise<Buffer> {
    const readBack = new Promise<Buffer>((resolve, reject) => {
      this.#waiters.set(day, { resolve, reject })
    })
    const deadline = setTimeout(() => {
      const message = `the salt of ${day} did not come back from the log in time`
      this.#waiters
        .get(day)
        ?.reject(new NeighbourError(message, { code: 'SALT_NOT_AGREED', retriable: true }))
    }, this.#options.readBackMsMax ?? readBackMsMax)
    try {
      const [, agreed] = await Promise.all([
        this.#options.append(encodeSaltRecord(day, this.#options.randomBytes(16))),
        readBack,
      ])
      return agreed
    } finally {
      clearTimeout(deadline)
      this.#waiters.delete(day)
      this.#waiting.delete(day)
    }
  }

  /**
   * A salt proposed before its day began would leave the topic before its 48 hours of use are over; the winning record
   * is appended once more after midnight.
   */
  async #renew(now: number): Promise<void> {
    const today = dayOf(now)
    const salt: Salt | undefined = this.#book.find(today, now)
    if (salt === undefined || salt.appendedAt >= startOf(today)) return
    await this.#options.append(encodeSaltRecord(today, salt.bytes))
    this.#book.admit({ day: today, bytes: salt.bytes, appendedAt: now }, now)
  }

  #read(record: LogRecord): void {
    const decoded = decodeSaltRecord(record.value)
    if (decoded instanceof UndecodableRecordError) {
      this.#options.onIgnored(decoded)
      return
    }
    const { day, bytes } = decoded
    const now = this.#options.now()
    this.#book.admit({ day, bytes, appendedAt: record.appendedAt }, now)
    const agreed = this.#book.find(day, now)
    if (agreed !== undefined) this.#waiters.get(day)?.resolve(agreed.bytes)
  }
}

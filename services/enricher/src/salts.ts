import {
  dayOf,
  decodeSaltRecord,
  encodeSaltRecord,
  startOfDay,
  topics,
  UndecodableRecordError,
} from '@millrace/events'
import type { Log, LogRecord } from '@millrace/log'
import { delay, NeighbourError } from '@millrace/runtime'
import { SaltBook, type KnownSalt } from './salt-book.ts'

/** How long a proposal may take to come back from the log before the service gives up. */
const readBackMsMax = 30_000
/** Tomorrow's salt is proposed this long before midnight, so that midnight waits for nothing. */
const proposeAheadMs = 10 * 60_000
const catchUpPollMs = 20

export interface VisitorSalts {
  /** Of the UTC day of receipt, 16 bytes. */
  readonly salt: Buffer
  /** Of the day before, for sessions that live across midnight; that of the day where none of the day before is known. */
  readonly previousSalt: Buffer
}

export interface SaltsOptions {
  readonly log: Pick<Log, 'follow' | 'watermarks'>
  /** Appends one record to partition 0 of the salts topic; resolves once it is durable. */
  readonly append: (value: Buffer) => Promise<void>
  readonly now: () => number
  readonly randomBytes: (size: number) => Buffer
  /** The topic can no longer be followed. */
  readonly onError: (error: unknown) => void
  /** A record of the topic is no salt; it is passed over. */
  readonly onIgnored: (error: unknown) => void
  readonly readBackMsMax?: number
  readonly daysMax?: number
}

interface Waiter {
  readonly resolve: (salt: Buffer) => void
  readonly reject: (error: unknown) => void
}

/**
 * The random salts of the days, agreed on through the salts topic: every enricher proposes, the first record of a day
 * wins, so all give a visitor the same id without another store. Never derived from a secret; forgotten in time, see
 * `saltForgottenAt`.
 */
export class Salts {
  readonly #options: SaltsOptions
  readonly #book: SaltBook
  readonly #waiting = new Map<string, Promise<Buffer>>()
  readonly #waiters = new Map<string, Waiter>()
  /** The next offset of the topic to come. */
  #next = 0
  #renewing: Promise<void> | undefined
  #stopFollowing: (() => Promise<void>) | undefined

  private constructor(options: SaltsOptions) {
    this.#options = options
    this.#book = new SaltBook(options.daysMax)
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
   * The salts of the day of receipt and of the day before. Proposes one for the day where the topic has none yet, and none
   * for the day before: no event of it can have an id then, and a salt that was forgotten must not come to be anew.
   * @param receivedAt Unix milliseconds
   * @throws NeighbourError `SALT_NOT_AGREED` when no proposal comes back from the log in time, `SALTS_FULL`; retriable
   */
  async saltsFor(receivedAt: number): Promise<VisitorSalts> {
    const day = dayOf(receivedAt)
    const salt = await this.#saltOf(day)
    const previousDay = dayOf(startOfDay(day) - 1)
    const previousSalt = this.#book.find(previousDay, this.#options.now())?.bytes ?? salt
    return { salt, previousSalt }
  }

  /**
   * Resolves when every salt that the topic holds now is known. For the one who takes over a partition: the salts that the
   * last owner used are in the topic, and where the new one does not know the day before it would cut sessions at midnight.
   * @throws NeighbourError `SALT_NOT_AGREED`
   */
  async catchUp(): Promise<void> {
    const { log, readBackMsMax: msMax = readBackMsMax } = this.#options
    const triesMax = Math.ceil(msMax / catchUpPollMs)
    const [atCall] = await log.watermarks(topics.salts)
    const end = atCall?.high ?? 0
    for (let tries = 0; this.#next < end; tries++) {
      const [marks] = await log.watermarks(topics.salts)
      if ((marks?.low ?? 0) >= end) return // retention was faster
      if (tries >= triesMax) throw notAgreed('the salts were not read to their end in time')
      await delay(catchUpPollMs)
    }
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

  /** The days whose salts are in memory. */
  knownDays(): string[] {
    return this.#book.days()
  }

  async close(): Promise<void> {
    await this.#stopFollowing?.()
    this.#book.clear()
  }

  #saltOf(day: string): Buffer | Promise<Buffer> {
    const known = this.#book.find(day, this.#options.now())
    if (known !== undefined) return known.bytes
    if (!this.#book.hasRoomFor(day, this.#options.now())) throw saltsFull(day)
    const waiting = this.#waiting.get(day) ?? this.#propose(day)
    this.#waiting.set(day, waiting)
    return waiting
  }

  async #propose(day: string): Promise<Buffer> {
    const readBack = new Promise<Buffer>((resolve, reject) => {
      this.#waiters.set(day, { resolve, reject })
    })
    const deadline = setTimeout(() => {
      this.#waiters.get(day)?.reject(notAgreed(`the salt of ${day} did not come back from the log in time`))
    }, this.#options.readBackMsMax ?? readBackMsMax)
    try {
      const [, agreed] = await Promise.all([
        this.#options.append(
          encodeSaltRecord({ day, bytes: this.#options.randomBytes(16), isAgreed: false }),
        ),
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
   * A salt proposed before its day began would leave the topic before its 48 hours of use are over; it is appended once
   * more on its day, as the one agreed on.
   */
  async #renew(now: number): Promise<void> {
    const today = dayOf(now)
    const salt = this.#book.find(today, now)
    if (salt === undefined || salt.appendedAt >= startOfDay(today)) return
    const agreed = { ...salt, isAgreed: true }
    await this.#options.append(encodeSaltRecord(agreed))
    this.#book.admit({ ...agreed, appendedAt: now }, now)
  }

  #read(record: LogRecord): void {
    this.#next = record.offset + 1
    const decoded = decodeSaltRecord(record.value)
    if (decoded instanceof UndecodableRecordError) this.#options.onIgnored(decoded)
    else this.#admit({ ...decoded, appendedAt: record.appendedAt })
  }

  #admit(salt: KnownSalt): void {
    const now = this.#options.now()
    this.#book.admit(salt, now)
    const agreed = this.#book.find(salt.day, now)
    if (agreed !== undefined) this.#waiters.get(salt.day)?.resolve(agreed.bytes)
  }
}

function notAgreed(message: string): NeighbourError {
  return new NeighbourError(message, { code: 'SALT_NOT_AGREED', retriable: true })
}

/** Retriable: days are forgotten in time. */
function saltsFull(day: string): NeighbourError {
  const message = `events of too many days at once: no salt for ${day} until others are forgotten`
  return new NeighbourError(message, { code: 'SALTS_FULL', retriable: true })
}

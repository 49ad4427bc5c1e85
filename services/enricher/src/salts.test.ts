import type { FollowOptions, LogRecord } from '@millrace/log'
import { describe, expect, it } from 'vitest'
import { Salts } from './salts.ts'

const noon = Date.UTC(2026, 10, 21, 12)
const midnight = Date.UTC(2026, 10, 22)
const hourMs = 3_600_000

/** The salts topic: one partition that keeps records for 48 hours and shows them to every follower. */
class SaltsTopic {
  readonly records: LogRecord[] = []
  now = noon
  readonly #followers = new Set<FollowOptions>()
  #offset = 0
  #bytes = 0
  ignored = 0
  /** Records are held back from followers while set. */
  held: LogRecord[] | undefined

  open(readBackMsMax?: number): Promise<Salts> {
    return Salts.open({
      log: {
        follow: (options) => {
          this.#followers.add(options)
          for (const record of this.records) options.onRecord(record)
          return Promise.resolve({
            stop: () => {
              this.#followers.delete(options)
              return Promise.resolve()
            },
          })
        },
      },
      append: async (value) => {
        await Promise.resolve()
        this.write(value)
      },
      now: () => this.now,
      randomBytes: (size) => Buffer.alloc(size, ++this.#bytes),
      onError: (error) => {
        throw error
      },
      onIgnored: () => {
        this.ignored++
      },
      ...(readBackMsMax === undefined ? {} : { readBackMsMax }),
    })
  }

  write(value: Buffer): void {
    const record = { offset: this.#offset++, key: null, value, appendedAt: this.now }
    this.records.push(record)
    if (this.held !== undefined) this.held.push(record)
    else for (const follower of this.#followers) follower.onRecord(record)
  }

  /** What retention does. */
  deleteOld(): void {
    const kept = this.records.filter(({ appendedAt }) => this.now - appendedAt < 48 * hourMs)
    this.records.splice(0, this.records.length, ...kept)
  }
}

describe('Salts', () => {
  it('lets two enrichers that propose at the same time agree on the first record', async () => {
    const topic = new SaltsTopic()
    const [a, b] = [await topic.open(), await topic.open()]
    const [ofA, ofB] = await Promise.all([a.saltsFor(noon), b.saltsFor(noon)])
    expect(ofA).toEqual(ofB)
    expect(ofA.salt).toHaveLength(16)
    expect(ofA.salt.equals(ofA.previousSalt)).toBe(false)
    expect(topic.records).toHaveLength(4)
  })

  it('takes the salts that the topic holds and proposes nothing', async () => {
    const topic = new SaltsTopic()
    const first = await (await topic.open()).saltsFor(noon)
    const before = topic.records.length
    const second = await (await topic.open()).saltsFor(noon + hourMs)
    expect(second).toEqual(first)
    expect(topic.records).toHaveLength(before)
  })

  it('asks once for a day that many wait for', async () => {
    const topic = new SaltsTopic()
    const salts = await topic.open()
    await Promise.all(Array.from({ length: 20 }, () => salts.saltsFor(noon)))
    expect(topic.records).toHaveLength(2)
  })

  it('makes the salt of today the previous one of tomorrow, by the time of receipt', async () => {
    const topic = new SaltsTopic()
    const salts = await topic.open()
    const today = await salts.saltsFor(midnight - 1)
    topic.now = midnight + hourMs
    const tomorrow = await salts.saltsFor(midnight)
    expect(tomorrow.previousSalt).toEqual(today.salt)
    expect(tomorrow.salt.equals(today.salt)).toBe(false)
    expect(await salts.saltsFor(midnight - 1)).toEqual(today)
  })

  it('proposes the salt of tomorrow from ten minutes before midnight on', async () => {
    const topic = new SaltsTopic()
    const salts = await topic.open()
    topic.now = midnight - 11 * 60_000
    await salts.maintain()
    expect(topic.records).toHaveLength(0)
    topic.now = midnight - 9 * 60_000
    await salts.maintain()
    expect(topic.records).toHaveLength(1)
    await salts.maintain()
    expect(topic.records).toHaveLength(1)
  })

  it('keeps a salt that was proposed ahead in the topic for all of its 48 hours', async () => {
    const topic = new SaltsTopic()
    const salts = await topic.open()
    topic.now = midnight - 9 * 60_000
    await salts.maintain()
    topic.now = midnight + 60_000
    const { salt } = await salts.saltsFor(midnight)
    await salts.maintain()
    await salts.maintain()
    topic.now = midnight + 48 * hourMs - 60_000
    topic.deleteOld()
    const late = await topic.open()
    expect((await late.saltsFor(midnight)).salt).toEqual(salt)
  })

  it('forgets a salt 48 hours after its day began, in memory too', async () => {
    const topic = new SaltsTopic()
    topic.now = midnight
    const salts = await topic.open()
    const { salt } = await salts.saltsFor(midnight)
    topic.now = midnight + 48 * hourMs
    await salts.maintain()
    const again = await salts.saltsFor(midnight)
    expect(again.salt.equals(salt)).toBe(false)
  })

  it('agrees on a salt for events that come days late, and keeps it', async () => {
    const topic = new SaltsTopic()
    const [a, b] = [await topic.open(), await topic.open()]
    const longAgo = noon - 10 * 24 * hourMs
    const first = await a.saltsFor(longAgo)
    await a.maintain()
    expect(await a.saltsFor(longAgo)).toEqual(first)
    expect(await b.saltsFor(longAgo)).toEqual(first)
  })

  it('passes over a record that is no salt', async () => {
    const topic = new SaltsTopic()
    topic.write(Buffer.from('{"day":"2026-11-21","salt":"c2hvcnQ="}'))
    topic.write(Buffer.from('garbage'))
    const { salt } = await (await topic.open()).saltsFor(noon)
    expect(salt).toHaveLength(16)
    expect(topic.ignored).toBe(2)
  })

  it('gives up with a retriable error when its proposal does not come back', async () => {
    const topic = new SaltsTopic()
    const salts = await topic.open(20)
    topic.held = []
    await expect(salts.saltsFor(noon)).rejects.toMatchObject({ code: 'SALT_NOT_AGREED', retriable: true })
  })
})

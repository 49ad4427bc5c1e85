import { decodeSaltRecord, encodeSaltRecord, UndecodableRecordError } from '@millrace/events'
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

  open(options: { readonly readBackMsMax?: number; readonly daysMax?: number } = {}): Promise<Salts> {
    return Salts.open({
      ...options,
      log: {
        watermarks: () => {
          const low = this.records[0]?.offset ?? this.#offset
          return Promise.resolve([{ partition: 0, low, high: this.#offset }])
        },
        follow: (options) => {
          this.#followers.add(options)
          for (const record of this.records)
            if (this.held?.includes(record) !== true) options.onRecord(record)
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
      randomBytes: (size) => Buffer.from(String(++this.#bytes).padStart(size, '0')),
      onError: (error) => {
        throw error
      },
      onIgnored: () => {
        this.ignored++
      },
    })
  }

  /** Days of the records, in order. */
  days(): string[] {
    return this.records.map(({ value }) => {
      const salt = decodeSaltRecord(value)
      return salt instanceof UndecodableRecordError ? '?' : salt.day
    })
  }

  /** Passes on what was held back. */
  release(): void {
    const held = this.held ?? []
    this.held = undefined
    for (const record of held) for (const follower of this.#followers) follower.onRecord(record)
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
    expect(topic.days()).toEqual(['2026-11-21', '2026-11-21'])
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
    expect(topic.records).toHaveLength(1)
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

  it('gives the salt of the day for the day before where that has none, and proposes none', async () => {
    const topic = new SaltsTopic()
    const { salt, previousSalt } = await (await topic.open()).saltsFor(noon)
    expect(previousSalt).toEqual(salt)
    expect(topic.days()).toEqual(['2026-11-21'])
  })

  it('brings no salt of a forgotten day about when an event of the day after it comes late', async () => {
    const topic = new SaltsTopic()
    const salts = await topic.open()
    await salts.saltsFor(noon)
    topic.now = midnight
    await salts.saltsFor(midnight)
    topic.now = midnight + 24 * hourMs // the salt of the 21st is forgotten now
    const { salt, previousSalt } = await salts.saltsFor(topic.now - 1)
    expect(previousSalt).toEqual(salt)
    expect(topic.days()).toEqual(['2026-11-21', '2026-11-22'])
  })

  it('knows what the last owner of a partition used, once it has caught up', async () => {
    const topic = new SaltsTopic()
    const next = await topic.open()
    topic.held = []
    topic.write(encodeSaltRecord({ day: '2026-11-20', bytes: Buffer.alloc(16, 9), isAgreed: false }))
    let hasCaughtUp = false
    const catchingUp = next.catchUp().then(() => {
      hasCaughtUp = true
    })
    expect(hasCaughtUp).toBe(false)
    topic.release()
    await catchingUp
    expect((await next.saltsFor(noon)).previousSalt).toEqual(Buffer.alloc(16, 9))
  })

  it('does not wait for records that retention took, and gives up on those that do not come', async () => {
    const topic = new SaltsTopic()
    const salts = await topic.open({ readBackMsMax: 40 })
    topic.held = []
    topic.write(encodeSaltRecord({ day: '2026-11-20', bytes: Buffer.alloc(16, 9), isAgreed: false }))
    await expect(salts.catchUp()).rejects.toMatchObject({ code: 'SALT_NOT_AGREED', retriable: true })
    topic.now += 49 * hourMs
    topic.deleteOld()
    await salts.catchUp()
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

  it('keeps to the salt of the day when the proposals leave the topic one by one', async () => {
    const topic = new SaltsTopic()
    const [a, b] = [await topic.open(), await topic.open()]
    topic.now = midnight - 9 * 60_000
    await Promise.all([a.maintain(), b.maintain()])
    topic.now = midnight + 60_000
    await a.maintain()
    expect(topic.days()).toEqual(['2026-11-22', '2026-11-22', '2026-11-22'])
    const { salt } = await a.saltsFor(midnight)
    topic.records.shift() // the proposal that won
    topic.now = midnight + 47 * hourMs
    expect((await (await topic.open()).saltsFor(midnight)).salt).toEqual(salt)
    expect((await b.saltsFor(midnight)).salt).toEqual(salt)
  })

  it.each([
    ['proposed ahead and appended again at midnight', midnight - 9 * 60_000],
    ['proposed in the course of its day', midnight + 15 * hourMs],
  ])(
    'forgets a salt %s two days after its day began, and has it in memory no longer',
    async (_, proposedAt) => {
      const topic = new SaltsTopic()
      const salts = await topic.open()
      topic.now = proposedAt
      await salts.saltsFor(midnight)
      topic.now = Math.max(proposedAt, midnight + 30_000)
      await salts.maintain()
      topic.now = midnight + 48 * hourMs - 1
      await salts.maintain()
      expect(salts.knownDays()).toContain('2026-11-22')
      topic.now = midnight + 48 * hourMs
      const before = (await salts.saltsFor(midnight + 24 * hourMs)).previousSalt
      expect(before).toEqual((await salts.saltsFor(midnight + 24 * hourMs)).salt)
      await salts.maintain()
      expect(salts.knownDays()).not.toContain('2026-11-22')
      topic.deleteOld()
      expect((await topic.open()).knownDays()).not.toContain('2026-11-22')
    },
  )

  it('has no record of a day in the topic after the day after the next, whenever it was proposed on its day', async () => {
    for (const proposedAt of [midnight, midnight + 60_000, midnight + 24 * hourMs - 1]) {
      const topic = new SaltsTopic()
      const salts = await topic.open()
      topic.now = proposedAt
      await salts.saltsFor(midnight)
      await salts.maintain()
      topic.now = midnight + 72 * hourMs
      topic.deleteOld()
      expect(topic.days()).not.toContain('2026-11-22')
    }
  })

  it('agrees on a salt for events that come days late, keeps it for 48 hours, then forgets it', async () => {
    const topic = new SaltsTopic()
    const [a, b] = [await topic.open(), await topic.open()]
    const longAgo = noon - 10 * 24 * hourMs
    const first = await a.saltsFor(longAgo)
    topic.now += 48 * hourMs - 1
    await a.maintain()
    expect(await a.saltsFor(longAgo)).toEqual(first)
    expect(await b.saltsFor(longAgo)).toEqual(first)
    topic.now += 1
    await a.maintain()
    expect(a.knownDays()).not.toContain('2026-11-11')
  })

  it('keeps one salt for each day of a long import, and the ids at its midnights', async () => {
    const topic = new SaltsTopic()
    const [a, b] = [await topic.open(), await topic.open()]
    const day = (index: number) => noon - (1_095 - index) * 24 * hourMs
    const first: Buffer[] = []
    for (let index = 0; index < 1_095; index++) first.push((await a.saltsFor(day(index))).salt)
    for (let index = 0; index < 1_095; index++) {
      for (const salts of index % 100 === 0 ? [a, b, await topic.open()] : [a, b]) {
        const { salt, previousSalt } = await salts.saltsFor(day(index))
        expect(salt.equals(first[index]!)).toBe(true)
        expect(previousSalt.equals(first[Math.max(0, index - 1)]!)).toBe(true)
      }
    }
    expect(topic.records).toHaveLength(1_095)
  })

  it('gives up no day for another when it knows too many, takes what is near, and goes on when some are forgotten', async () => {
    const topic = new SaltsTopic()
    const salts = await topic.open({ daysMax: 3 })
    const day = (index: number) => noon - (20 - index) * 24 * hourMs
    const { salt } = await salts.saltsFor(day(0))
    await salts.saltsFor(day(1))
    await salts.saltsFor(day(2))
    await expect(salts.saltsFor(day(3))).rejects.toMatchObject({ code: 'SALTS_FULL', retriable: true })
    expect((await salts.saltsFor(day(0))).salt).toEqual(salt)
    await salts.saltsFor(noon)
    topic.now += 48 * hourMs
    await salts.maintain()
    await salts.saltsFor(day(3))
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
    const salts = await topic.open({ readBackMsMax: 20 })
    topic.held = []
    await expect(salts.saltsFor(noon)).rejects.toMatchObject({ code: 'SALT_NOT_AGREED', retriable: true })
  })
})

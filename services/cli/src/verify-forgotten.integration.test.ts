import { appendFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { encodeSaltRecord, startOfDay, topics, topicSpecs } from '@millrace/events'
import { openKafkaLog, openLog, type Log } from '@millrace/log'
import {
  aTemporaryEmbeddedLog,
  kafkaUnavailable,
  startKafka,
  type KafkaCluster,
  type TemporaryLog,
} from '@millrace/log/testing'
import { verifyForgotten } from './verify-forgotten.ts'

const hourMs = 3_600_000
const waitMsMax = 20_000
const day = '2026-11-21'
const midnight = startOfDay(day)
const specs = topicSpecs({ partitions: 1, replicationFactor: 1, rawRetentionH: 24, enrichedRetentionH: 24 })
const saltSpec = specs.find(({ topic }) => topic === topics.salts)!
const bytes = Buffer.from('0123456789abcdef')

async function appendSalt(log: Log, of: string): Promise<void> {
  const appender = await log.appender()
  const value = encodeSaltRecord({ day: of, bytes, isAgreed: false })
  await appender.append([{ topic: topics.salts, partition: 0, key: null, value }])
  await appender.close()
}

/** What the command prints, and its exit code. */
async function verified(
  of: string,
  options: Omit<Parameters<typeof verifyForgotten>[1], 'terminal'>,
): Promise<{ code: number; text: string }> {
  const lines: string[] = []
  const print = (text: string) => lines.push(text)
  const terminal = { print, warn: print, isInteractive: false }
  const code = await verifyForgotten(of, { ...options, terminal })
  return { code, text: lines.join('\n') }
}

describe('verify-forgotten on the embedded log', () => {
  let clock = midnight
  let temporary: TemporaryLog

  beforeEach(async () => {
    clock = midnight + 30_000
    temporary = await aTemporaryEmbeddedLog({ now: () => clock, retentionSweepMs: 20 })
  })
  afterEach(() => temporary.remove())

  const verify = (of = day, others: readonly string[] = []) =>
    verified(of, {
      isKafka: false,
      openLog: () => temporary.open(),
      directories: [temporary.directory, ...others],
      now: clock,
    })

  const untilGone = () =>
    vi.waitFor(
      async () => {
        const [marks] = await temporary.log.watermarks(topics.salts)
        expect(marks?.low).toBe(marks?.high)
      },
      { timeout: waitMsMax, interval: 10 },
    )

  it('names every place of a salt in use, and until when', async () => {
    await temporary.log.createTopics([saltSpec])
    await appendSalt(temporary.log, day)
    const { code, text } = await verify()
    expect(code).toBe(1)
    expect(text).toMatch(/THERE +in the memory of enrichers.* until 2026-11-23T00:01:00Z/)
    expect(text).toMatch(
      /THERE +millrace.salts in the embedded log, offset 0, .*used until 2026-11-23T00:00:00Z, gone from the log by 2026-11-23T00:00:40Z/,
    )
    expect(text).toMatch(/THERE .*secrets\/millrace.salts\/\d+-[0-9a-f]+, byte \d+: a salt record of the day/)
  })

  it('finds an expired salt nowhere, and says when the others go', async () => {
    await temporary.log.createTopics([saltSpec])
    await appendSalt(temporary.log, day)
    clock += 24 * hourMs
    await appendSalt(temporary.log, '2026-11-22')
    clock = midnight + 48 * hourMs + 60_000
    await vi.waitFor(async () => expect((await temporary.log.watermarks(topics.salts))[0]?.low).toBe(1), {
      timeout: waitMsMax,
      interval: 10,
    })
    const { code, text } = await verify()
    expect(text).toMatch(/gone +millrace.salts in the embedded log: 1 salts, none of the day/)
    expect(text).toMatch(/gone .*[1-9]\d* files, .* MB searched, nothing found/)
    expect(text).toMatch(
      /the salt of 2026-11-22 is used until 2026-11-24T00:00:00Z, gone by 2026-11-24T00:00:40Z/,
    )
    expect(code).toBe(0)
  })

  it('finds an expired salt that an open topic has left in the free pages of its file', async () => {
    await temporary.log.createTopics([{ ...saltSpec, isSecret: false }])
    await appendSalt(temporary.log, day)
    clock = midnight + 49 * hourMs
    await untilGone()
    const { code, text } = await verify()
    expect(text).toMatch(/THERE .*data\.mdb, byte \d+: a salt record of the day/)
    expect(code).toBe(1)
  })

  it('says of a salt proposed late until when it is used', async () => {
    clock = midnight + 100 * 24 * hourMs
    await temporary.log.createTopics([saltSpec])
    await appendSalt(temporary.log, day)
    const { code, text } = await verify()
    expect(text).toMatch(/gone +by the clock/)
    expect(text).toMatch(/proposed after its day.*: used until 2027-03-03T00:00:00Z/)
    expect(code).toBe(1)
    clock += 48 * hourMs + 1
    await untilGone()
    expect((await verify()).code).toBe(0)
  })

  it('finds copies of a known salt in files, behind links too, in whatever shape', async () => {
    await temporary.log.createTopics([saltSpec])
    await appendSalt(temporary.log, day)
    const elsewhere = await aTemporaryEmbeddedLog()
    const copies = join(elsewhere.directory, 'copies')
    await mkdir(copies)
    await writeFile(join(copies, 'raw'), Buffer.concat([Buffer.alloc(5_000_000), bytes]))
    await writeFile(join(copies, 'text'), `key=${bytes.toString('base64')}`)
    await symlink(copies, join(temporary.directory, 'link'))
    await symlink(temporary.directory, join(copies, 'back'))
    const { text } = await verify()
    expect(text).toContain(`${join('link', 'raw')}, byte 5000000: the 16 bytes of a salt of the day`)
    expect(text).toContain(`${join('link', 'text')}, byte 4: a salt of the day in base64`)
    await elsewhere.remove()
  })

  it('finds records in directories that are named, such as of a backup', async () => {
    await temporary.log.createTopics([saltSpec])
    clock = midnight + 72 * hourMs
    const backup = await aTemporaryEmbeddedLog()
    expect((await verify(day, [backup.directory])).code).toBe(0)
    await appendFile(join(backup.directory, 'dump'), encodeSaltRecord({ day, bytes, isAgreed: true }))
    const { code, text } = await verify(day, [backup.directory])
    expect([code, text]).toEqual([1, expect.stringMatching(/dump, byte 0: a salt record of the day/)])
    await backup.remove()
  })

  it('does not vouch for what it could not look at', async () => {
    clock = midnight + 72 * hourMs
    const noTopic = await verify()
    expect(noTopic).toEqual({ code: 1, text: expect.stringMatching(/NOT SEEN .*there is no topic/) })
    await temporary.log.createTopics([saltSpec])
    const noDirectory = await verify(day, ['/nowhere/at/all'])
    expect(noDirectory).toEqual({
      code: 1,
      text: expect.stringMatching(/NOT SEEN \/nowhere\/at\/all: ENOENT/),
    })
  })
})

const missing = await kafkaUnavailable({ faults: true })

describe.skipIf(missing !== undefined)(missing ?? 'verify-forgotten on Kafka', () => {
  let kafka: KafkaCluster
  let log: Log

  beforeAll(async () => {
    const properties = { 'log.retention.check.interval.ms': '500', 'log.segment.delete.delay.ms': '100' }
    kafka = await startKafka({ faults: true, properties })
    log = await openKafkaLog({ brokers: kafka.brokers.split(','), clientId: 'verify-forgotten' })
  })
  afterAll(async () => {
    await log.close()
    await kafka.close()
  })

  it("finds a salt in the topic and on the broker's disk until both have let it go", async () => {
    await log.createTopics([{ ...saltSpec, retentionMs: 4_000 }])
    await appendSalt(log, day)
    const verify = () =>
      verified(day, {
        isKafka: true,
        openLog: () =>
          openLog(
            { KAFKA_BROKERS: kafka.brokers, DATA_DIR: '/nowhere', EMBEDDED_LOG_BYTES_MAX: 1 },
            { clientId: 'verify' },
          ),
        directories: [kafka.nodes[0]!.directory],
        now: midnight + 1_000 * 24 * hourMs,
      })
    const there = await verify()
    expect(there.text).toMatch(/THERE +millrace.salts on Kafka, offset 0/)
    expect(there.text).toMatch(/THERE .*millrace.salts-0\/0+\.log, byte \d+: a salt record of the day/)
    expect(there.code).toBe(1)
    const gone = await vi.waitFor(
      async () => {
        const found = await verify()
        expect(found).toMatchObject({ code: 0 })
        return found
      },
      { timeout: waitMsMax, interval: 500 },
    )
    expect(gone.text).toMatch(/gone +millrace.salts on Kafka: 0 salts, none of the day/)
    expect(gone.text).toMatch(/gone .*[1-9]\d* files, .* MB searched, nothing found/)
  })
})

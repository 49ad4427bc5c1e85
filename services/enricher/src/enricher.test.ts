import { encodeRawEvent, topics } from '@millrace/events'
import { aRawEvent } from '@millrace/events/testing'
import { LogError, type Assignment } from '@millrace/log'
import { describe, expect, it } from 'vitest'
import { anEnricher, FakeLogs, partition } from './fake-logs.ts'

/** 60 raw records: events, drops, undecodable bytes, poison, and a batch that the producer wrote twice. */
function mixedLogs(): FakeLogs {
  const logs = new FakeLogs()
  for (let sequence = 1; sequence <= 55; sequence++) {
    if (sequence % 13 === 0) logs.add(Buffer.from(`garbage ${String(sequence)}`))
    else {
      logs.add(
        encodeRawEvent(
          aRawEvent({
            producerSequence: sequence,
            name: sequence % 17 === 0 ? 'poison' : `event ${String(sequence)}`,
            ...(sequence % 7 === 0 ? { drop: 'bot' } : {}),
          }),
        ),
      )
    }
  }
  for (const { value } of logs.raw.slice(30, 35))
    logs.raw.push({ offset: logs.raw.length, key: null, value, appendedAt: 0 })
  return logs
}

function away(): LogError {
  return new LogError('away', { code: 'LOG_UNAVAILABLE', retriable: true })
}

describe('Enricher', () => {
  it('turns each raw record into exactly one of event, drop, dead letter, repeat', async () => {
    const logs = mixedLogs()
    const { run, metrics } = anEnricher(logs)
    await run()
    const settled = [...logs.stored().map(({ rawOffset }) => rawOffset), ...logs.deadOffsets()]
    expect(settled.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 55 }, (_, offset) => offset))
    const text = await metrics.registry.metrics()
    expect(text).toContain('millrace_enricher_records_total 60')
    expect(text).toContain('millrace_enricher_repeats_total 5')
    expect(text).toContain('millrace_enricher_dead_letters_total 7')
    expect(text).toContain('millrace_enricher_enriched_total 41')
    expect(text).toContain('millrace_enricher_dropped_total{reason="bot"} 7')
    expect(logs.committed?.offset).toBe(60)
  })

  it('writes to the partition of the same number, dead letters to one of theirs, and no key', async () => {
    const logs = mixedLogs()
    await anEnricher(logs).run()
    for (const record of logs.written) {
      expect(record.partition).toBe(record.topic === topics.deadLetter ? 1 : partition)
      expect(record.key).toBeNull()
    }
  })

  it('asks for the salt of the earlier day first, so that the later one knows it', async () => {
    const logs = new FakeLogs()
    const midnight = Date.UTC(2026, 10, 21)
    for (const [index, receivedAt] of [midnight + 1, midnight - 1, midnight + 2].entries()) {
      logs.add(encodeRawEvent(aRawEvent({ producerSequence: index + 1, receivedAt })))
    }
    const asked: number[] = []
    const saltsFor = (receivedAt: number) => {
      asked.push(receivedAt)
      return Promise.resolve({ salt: Buffer.alloc(16), previousSalt: Buffer.alloc(16) })
    }
    await anEnricher(logs, { saltsFor }).run()
    expect(asked.map((at) => at < midnight)).toEqual([true, false])
  })

  it('loses nothing and stores nothing twice, wherever it dies', async () => {
    for (const isWritten of [true, false]) {
      for (let lastAppend = 0; lastAppend < 30; lastAppend++) {
        const logs = mixedLogs()
        let appends = 0
        const dying = anEnricher(logs, {
          append: (records) => {
            const dies = appends++ === lastAppend
            if (!dies || isWritten) logs.written.push(...records)
            return dies ? Promise.reject(new Error('killed')) : Promise.resolve()
          },
        })
        await dying.run().catch(() => undefined)
        await anEnricher(logs, { fetchRecordsMax: 7 }).run()
        const stored = logs.stored().map(({ rawOffset }) => rawOffset)
        const place = `append ${String(lastAppend)}, written: ${String(isWritten)}`
        expect(
          [...stored, ...logs.deadOffsets()].toSorted((a, b) => a - b),
          place,
        ).toEqual(Array.from({ length: 55 }, (_, offset) => offset))
      }
    }
  })

  it('repeats a chunk that may be written before it begins the next', async () => {
    const logs = mixedLogs()
    let appends = 0
    const { run } = anEnricher(logs, {
      append: (records) => {
        const fails = appends++ % 3 === 0
        if (!fails || appends % 2 === 0) logs.written.push(...records)
        return fails ? Promise.reject(away()) : Promise.resolve()
      },
    })
    await run()
    const settled = [...logs.stored().map(({ rawOffset }) => rawOffset), ...logs.deadOffsets()]
    expect(settled.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 55 }, (_, offset) => offset))
  })

  it('commits again what the log did not take, and goes on', async () => {
    const logs = mixedLogs()
    const assignment = logs.assignment(new AbortController())
    let commits = 0
    const commit: Assignment['commit'] = (position) =>
      commits++ % 2 === 0 ? Promise.reject(away()) : assignment.commit(position)
    await anEnricher(logs).enricher.run({ ...assignment, commit })
    expect(logs.committed?.offset).toBe(60)
    expect(logs.stored()).toHaveLength(55 - 7)
  })

  it('leaves the batch to its successor when the partition is taken away before the log has the commit', async () => {
    const logs = mixedLogs()
    const abort = new AbortController()
    const commit: Assignment['commit'] = () => {
      abort.abort()
      return Promise.reject(away())
    }
    await anEnricher(logs).enricher.run({ ...logs.assignment(abort), commit })
    expect(logs.committed).toBeUndefined()
  })

  it('knows the producers of the stretch before its position', async () => {
    const logs = mixedLogs()
    logs.committed = { offset: 55, metadata: '' }
    const { run, metrics } = anEnricher(logs)
    await run()
    expect(logs.written).toEqual([])
    expect(await metrics.registry.metrics()).toContain('millrace_enricher_repeats_total 5')
  })

  it('knows them from what was committed with its position, and then reads nothing back', async () => {
    const logs = mixedLogs()
    logs.committed = { offset: 55, metadata: '{"producers":{"producer-1":55}}' }
    const assignment = logs.assignment(new AbortController())
    const sought: number[] = []
    const { enricher, metrics } = anEnricher(logs)
    await enricher.run({ ...assignment, seek: (offset) => sought.push(offset) })
    expect(sought).toEqual([])
    expect(await metrics.registry.metrics()).toContain('millrace_enricher_repeats_total 5')
  })

  it('knows those that were left out there from the stretch before its position', async () => {
    const logs = mixedLogs()
    logs.committed = { offset: 55, metadata: '{"producers":{"another":3},"leftOut":1}' }
    const { run, metrics } = anEnricher(logs)
    await run()
    expect(await metrics.registry.metrics()).toContain('millrace_enricher_repeats_total 5')
    expect(logs.committed).toEqual({ offset: 60, metadata: '{"producers":{"producer-1":55,"another":3}}' })
  })

  it('takes the higher sequence of what was committed and what is in the stretch', async () => {
    const logs = mixedLogs()
    logs.committed = { offset: 55, metadata: '{"producers":{"producer-1":99},"leftOut":1}' }
    await anEnricher(logs).run()
    expect(logs.committed.metadata).toBe('{"producers":{"producer-1":99}}')
  })

  it('ends with the error when it does not understand what was committed', async () => {
    const logs = mixedLogs()
    logs.committed = { offset: 55, metadata: 'someone else was here' }
    await expect(anEnricher(logs).run()).rejects.toMatchObject({ code: 'METADATA_NOT_UNDERSTOOD' })
    expect(logs.written).toEqual([])
  })

  it('starts from what is left when retention has overtaken the stretch', async () => {
    const logs = mixedLogs()
    logs.committed = { offset: 55, metadata: '' }
    const abort = new AbortController()
    const assignment = logs.assignment(abort)
    logs.low = 28
    const { enricher, metrics } = anEnricher(logs)
    await enricher.run(assignment)
    expect(await metrics.registry.metrics()).toContain('millrace_enricher_repeats_total 5')
  })

  it('ends with the error when its position is not retained: nothing is passed over in silence', async () => {
    const logs = mixedLogs()
    logs.committed = { offset: 10, metadata: '' }
    logs.low = 20
    await expect(anEnricher(logs).run()).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' })
    expect(logs.committed.offset).toBe(10)
  })

  it('stops between batches, without a commit, when the partition is taken away while the log is down', async () => {
    const logs = mixedLogs()
    const abort = new AbortController()
    const { enricher } = anEnricher(logs, {
      append: () => {
        abort.abort()
        return Promise.reject(new LogError('away', { code: 'LOG_UNAVAILABLE', retriable: true }))
      },
    })
    await enricher.run(logs.assignment(abort))
    expect(logs.committed).toBeUndefined()
  })

  it('says how far it is behind', async () => {
    const logs = mixedLogs()
    const abort = new AbortController()
    const assignment = logs.assignment(abort)
    const texts: string[] = []
    const { enricher, metrics } = anEnricher(logs)
    const watched: Assignment = {
      ...assignment,
      commit: async (position) => {
        await assignment.commit(position)
        texts.push(await metrics.registry.metrics())
      },
    }
    await enricher.run(watched)
    expect(texts[2]).toContain('millrace_enricher_offset_lag_records{partition="5"} 40')
    expect(await metrics.registry.metrics()).not.toContain('lag_records{partition="5"}')
  })
})

import { describe, expect, it } from 'vitest'
import { LogError } from '../log-error.ts'
import { PartitionBuffer, type Wanted } from './partition-buffer.ts'
import { decodeBatches, encodeBatch } from './record-batch.ts'

const bytesMax = 1_000
const never = new AbortController().signal

function aBuffer({
  position = 0,
  onWanted = () => undefined,
}: { position?: number; onWanted?: () => void } = {}) {
  return new PartitionBuffer({ topic: 't', partition: 0, position, highWatermark: 0, bytesMax, onWanted })
}

/** What a fetch brings: one batch of records from the offset on. */
function aFetch(from: number, count: number, bytes = 10) {
  const records = Array.from({ length: count }, () => ({ key: null, value: Buffer.alloc(bytes) }))
  const batch = encodeBatch(
    { records, timestamp: 1, compression: 'none' },
    { producerId: 1n, producerEpoch: 0, baseSequence: 0 },
  )
  batch.writeBigInt64BE(BigInt(from), 0)
  return { batches: decodeBatches(batch), highWatermark: from + count, bytes: batch.length }
}

/** The wanted fetch of a buffer whose loop has begun to take. */
function wantedOf(buffer: PartitionBuffer): Wanted {
  buffer.take(0)
  const wanted = buffer.wanted()
  if (wanted === undefined) throw new Error('nothing is wanted')
  return wanted
}

const offsetsOf = (records: readonly { offset: number }[]) => records.map(({ offset }) => offset)

describe('a partition buffer', () => {
  it('wants nothing before its loop takes', () => {
    const buffer = aBuffer()
    expect(buffer.wanted()).toBeUndefined()
    expect(wantedOf(buffer).offset).toBe(0)
  })

  it('gives records in order over the ends of batches, as many as asked for', () => {
    const buffer = aBuffer()
    buffer.accept(wantedOf(buffer), aFetch(0, 3))
    buffer.accept(wantedOf(buffer), aFetch(3, 3))
    expect(offsetsOf(buffer.take(4))).toEqual([0, 1, 2, 3])
    expect(offsetsOf(buffer.take(4))).toEqual([4, 5])
    expect(buffer.take(4)).toEqual([])
    expect(buffer.highWatermark).toBe(6)
  })

  it('leaves out what lies below the wanted offset', () => {
    const buffer = aBuffer({ position: 2 })
    buffer.accept(wantedOf(buffer), aFetch(0, 5))
    expect(offsetsOf(buffer.take(9))).toEqual([2, 3, 4])
    buffer.accept(wantedOf(buffer), aFetch(0, 5))
    expect(buffer.take(9)).toEqual([])
  })

  it('fails where records are missing', () => {
    const buffer = aBuffer()
    buffer.accept(wantedOf(buffer), aFetch(3, 2))
    expect(() => buffer.take(9)).toThrow('records 0 to 2 are missing')
  })

  it('wants no more while more than half of its room is taken, and tells when that ends', () => {
    let told = 0
    const buffer = aBuffer({ onWanted: () => told++ })
    buffer.accept(wantedOf(buffer), aFetch(0, 60))
    expect(buffer.wanted()).toBeUndefined()
    const before = told
    buffer.take(61)
    expect(told).toBeGreaterThan(before)
    expect(buffer.wanted()?.offset).toBe(60)
  })

  it('drops the answer to a fetch that a seek has overtaken', () => {
    const buffer = aBuffer()
    const overtaken = wantedOf(buffer)
    buffer.seek(100)
    buffer.accept(overtaken, aFetch(0, 3))
    expect(buffer.take(9)).toEqual([])
    buffer.accept(wantedOf(buffer), aFetch(100, 2))
    expect(offsetsOf(buffer.take(9))).toEqual([100, 101])
  })

  it('forgets what it holds, and its failure, on a seek', () => {
    const buffer = aBuffer()
    buffer.accept(wantedOf(buffer), aFetch(0, 3))
    buffer.fail(new LogError('out', { code: 'OFFSET_OUT_OF_RANGE', retriable: false }))
    expect(offsetsOf(buffer.take(9))).toEqual([0, 1, 2])
    expect(() => buffer.take(9)).toThrow('out')
    buffer.seek(1)
    expect(buffer.take(9)).toEqual([])
    expect(wantedOf(buffer).offset).toBe(1)
  })

  it('wants nothing while paused, and gives what it has', () => {
    const buffer = aBuffer()
    buffer.accept(wantedOf(buffer), aFetch(0, 3))
    buffer.pause()
    expect(buffer.wanted()).toBeUndefined()
    expect(buffer.take(9)).toHaveLength(3)
    buffer.resume()
    expect(buffer.wanted()?.offset).toBe(3)
  })

  it.each([
    ['records come', (buffer: PartitionBuffer) => buffer.accept(wantedOf(buffer), aFetch(0, 1))],
    [
      'it fails',
      (buffer: PartitionBuffer) =>
        buffer.fail(new LogError('x', { code: 'LOG_UNAVAILABLE', retriable: true })),
    ],
    ['it closes', (buffer: PartitionBuffer) => buffer.close()],
  ])('ends the wait when %s', async (_, cause) => {
    const buffer = aBuffer()
    const waiting = buffer.untilSomething(60_000, never)
    cause(buffer)
    await waiting
  })

  it('ends the wait with the signal', async () => {
    const stopping = new AbortController()
    const waiting = aBuffer().untilSomething(60_000, stopping.signal)
    stopping.abort()
    await waiting
  })
})

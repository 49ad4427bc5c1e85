import { ProducerSequences } from '@millrace/enricher/testing'
import type { CommittedPosition } from '@millrace/log'
import { RawOrder } from '@millrace/sink/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { PromiseName } from './promises/broken-promise.ts'
import { simulate, type Protections } from './simulate.ts'

const seedsOfGate = 200

afterEach(() => {
  vi.restoreAllMocks()
})

/** The first of the gate's seeds that loses, doubles or puts into a wrong session. */
async function firstFailure(protections: Partial<Protections> = {}): Promise<PromiseName | undefined> {
  for (let seed = 1; seed <= seedsOfGate; seed++) {
    const { broken } = await simulate(seed, protections)
    const found = broken.find(({ promise }) => promise !== 'everything settles')
    if (found !== undefined) return found.promise
  }
  return undefined
}

/** An intent as a plain position, so that a successor knows where to go on and not which range was begun. */
function hideIntent(_groupId: string, { offset, metadata }: CommittedPosition): CommittedPosition {
  if (!metadata.includes('"first"')) return { offset, metadata }
  const { raw } = JSON.parse(metadata) as { raw: number }
  return { offset, metadata: JSON.stringify({ raw }) }
}

/** On a machine that is busy with other tests. */
const msMax = 90_000

describe('each protection is needed: some seed of the gate stores an event twice', { timeout: msMax }, () => {
  it('without the deduplication token', async () => {
    expect(await firstFailure({ tokens: false })).toBe('nothing is stored twice')
  })

  it('without the intent', async () => {
    expect(await firstFailure({ shown: hideIntent })).toBe('nothing is stored twice')
  })

  it('without the fencing of old generations', async () => {
    expect(await firstFailure({ fencing: false })).toBe('nothing is stored twice')
  })

  it('without the rule that raw offsets grow', async () => {
    vi.spyOn(RawOrder.prototype, 'split').mockImplementation((items) => ({
      fresh: [...items],
      passedOver: [],
    }))
    expect(await firstFailure()).toBe('nothing is stored twice')
  })

  it("without the producers' sequences", async () => {
    vi.spyOn(ProducerSequences.prototype, 'admit').mockReturnValue(true)
    expect(await firstFailure()).toBe('nothing is stored twice')
  })
})

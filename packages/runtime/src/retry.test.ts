import { describe, expect, it, vi } from 'vitest'
import { NeighbourError, describeError } from './neighbour-error.ts'
import { retry } from './retry.ts'

const busy = () => new NeighbourError('busy', { code: 'BUSY', retriable: true })
const wrong = () => new NeighbourError('wrong', { code: 'WRONG', retriable: false })
const delays = { delayMsMin: 1, delayMsMax: 4, random: () => 1 }

describe('retry', () => {
  it('tries again after retriable errors until it succeeds', async () => {
    const onRetry = vi.fn()
    const operation = vi
      .fn()
      .mockRejectedValueOnce(busy())
      .mockRejectedValueOnce(busy())
      .mockResolvedValue('done')
    expect(await retry(operation, { ...delays, onRetry })).toBe('done')
    expect(onRetry.mock.calls.map(([, attempt]) => attempt as number)).toEqual([1, 2])
  })

  it('throws an error that is not retriable at once', async () => {
    const operation = vi.fn().mockRejectedValue(wrong())
    await expect(retry(operation, delays)).rejects.toMatchObject({ code: 'WRONG' })
    expect(operation).toHaveBeenCalledTimes(1)
  })

  it('throws the last error when the tries are used up', async () => {
    const operation = vi.fn().mockRejectedValue(busy())
    await expect(retry(operation, { ...delays, triesMax: 3 })).rejects.toMatchObject({ code: 'BUSY' })
    expect(operation).toHaveBeenCalledTimes(3)
  })

  it('throws the last error instead of waiting when the signal aborts', async () => {
    const stop = new AbortController()
    const operation = vi.fn().mockImplementation(() => {
      stop.abort()
      return Promise.reject(busy())
    })
    const never = { delayMsMin: 1e6, delayMsMax: 1e6 }
    await expect(retry(operation, { ...never, signal: stop.signal })).rejects.toMatchObject({ code: 'BUSY' })
    expect(operation).toHaveBeenCalledTimes(1)
  })
})

describe('describeError', () => {
  it('gives the message and what caused it in one line, nothing twice', () => {
    const cause = new Error('connection\n refused')
    expect(describeError(new Error('no log', { cause }))).toBe('no log: connection refused')
    expect(describeError(new Error('no log: connection refused', { cause }))).toBe(
      'no log: connection refused',
    )
    expect(describeError('text')).toBe('text')
  })
})

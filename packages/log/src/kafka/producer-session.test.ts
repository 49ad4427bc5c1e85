import { expect, it } from 'vitest'
import { ProducerSession } from './producer-session.ts'

it('counts the sequence of each partition on, by records', () => {
  const session = new ProducerSession({ producerId: '9', producerEpoch: 0 })
  expect([
    session.take('t', 0, 5),
    session.take('t', 1, 2),
    session.take('t', 0, 1),
    session.take('u', 0, 1),
  ]).toEqual([0, 0, 5, 0])
  expect(session.take('t', 0, 1)).toBe(6)
})

it('goes round from the largest 32 bit integer to 0, as the broker does', () => {
  const session = new ProducerSession({ producerId: '9', producerEpoch: 0 })
  session.take('t', 0, 2 ** 31 - 3)
  expect(session.take('t', 0, 5)).toBe(2 ** 31 - 3)
  expect(session.take('t', 0, 1)).toBe(2)
})

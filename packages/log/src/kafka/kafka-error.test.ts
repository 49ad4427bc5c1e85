import { describe, expect, it } from 'vitest'
import {
  isLostMember,
  isOfConnection,
  isPassing,
  KafkaProtocolError,
  protocolTypeOf,
  unavailable,
} from './kafka-error.ts'

function named(name: string, cause?: unknown): Error {
  return Object.assign(new Error(name, { cause }), { name })
}

describe('trouble with Kafka', () => {
  it.each([
    ['NOT_LEADER_FOR_PARTITION', true],
    ['NOT_ENOUGH_REPLICAS', true],
    ['NOT_COORDINATOR_FOR_GROUP', true],
    ['MESSAGE_TOO_LARGE', false],
    ['TOPIC_AUTHORIZATION_FAILED', false],
    ['ILLEGAL_GENERATION', false],
  ])('%s passes: %s', (type, passes) => {
    const error = new KafkaProtocolError(type, 'a request')
    expect(isPassing(error)).toBe(passes)
    expect(unavailable('it failed', error)).toMatchObject({ code: 'LOG_UNAVAILABLE', retriable: passes })
  })

  it.each(['KafkaJSConnectionError', 'KafkaJSRequestTimeoutError', 'KafkaJSBrokerNotFound'])(
    '%s passes, and leaves open what became of the request',
    (name) => {
      expect(isPassing(named(name))).toBe(true)
      expect(isOfConnection(named('KafkaJSNumberOfRetriesExceeded', named(name)))).toBe(true)
    },
  )

  it('is found through the wrappers of kafkajs', () => {
    const wrapped = named(
      'KafkaJSNumberOfRetriesExceeded',
      new KafkaProtocolError('UNKNOWN_MEMBER_ID', 'a commit'),
    )
    expect(protocolTypeOf(wrapped)).toBe('UNKNOWN_MEMBER_ID')
    expect(isLostMember(wrapped)).toBe(true)
  })

  it('does not pass when it is a bug', () => {
    expect(isPassing(new TypeError('x is undefined'))).toBe(false)
    expect(unavailable('it failed', new TypeError('x'))).toMatchObject({ retriable: false })
  })
})

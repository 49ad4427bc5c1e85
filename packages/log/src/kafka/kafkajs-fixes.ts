/** What must be mended in kafkajs before its first use. Each fix says which defect it is for. */
import { createRequire } from 'node:module'
import { assert } from '@millrace/runtime'

const require = createRequire(import.meta.url)

/** This package reaches into internals, so the exact version is part of its contract. */
const versionKnown = '2.2.4'
const { version } = require('kafkajs/package.json') as { version: string }
assert(version === versionKnown, `kafkajs ${versionKnown} is needed, ${version} is installed`)

interface RequestQueue {
  throttleCheckTimeoutId: NodeJS.Timeout | null
  readonly pending: readonly unknown[]
  readonly throttledUntil: number
  checkPendingRequests(): void
}

const RequestQueue = require('kafkajs/src/network/requestQueue') as {
  readonly prototype: { scheduleCheckPendingRequests: (this: RequestQueue) => void }
}
const pendingCheckMs = 10

/**
 * As shipped, every idle connection re-arms a timer with a negative delay, a loop of 1 ms (kafkajs issues 1704 and
 * 1751): 2,740 timer calls a second for an idle producer and consumer. It has a purpose only while requests wait.
 */
RequestQueue.prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests() {
  if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return
  const untilUnthrottled = this.throttledUntil - Date.now()
  const check = () => {
    this.throttleCheckTimeoutId = null
    this.checkPendingRequests()
  }
  this.throttleCheckTimeoutId = setTimeout(check, untilUnthrottled > 0 ? untilUnthrottled : pendingCheckMs)
}

interface Broker {
  lookupRequest(apiKey: number, definitions: unknown): (options: object) => MetadataRequest
  readonly connectionPool: { send(request: MetadataRequest): Promise<unknown> }
}

interface MetadataRequest {
  readonly response: { readonly decode: unknown; readonly parse: unknown }
}

const Broker = require('kafkajs/src/broker') as {
  readonly prototype: { metadata: (this: Broker, topics?: readonly string[]) => Promise<unknown> }
}
const { requests } = require('kafkajs/src/protocol/requests') as {
  readonly requests: { readonly Metadata: unknown }
}
const metadataKey = 3

/**
 * As shipped, one topic that is unknown or one partition that has no leader makes the whole answer an error, so that a
 * topic of somebody else's, or one lost partition, keeps all others from being read and written. Here the answer is
 * taken as it is: whoever looks up a topic sees its error code, and a leader below 0.
 */
Broker.prototype.metadata = async function metadata(topics = []) {
  const request = this.lookupRequest(
    metadataKey,
    requests.Metadata,
  )({ topics, allowAutoTopicCreation: false })
  const { decode } = request.response
  return this.connectionPool.send({
    ...request,
    response: { decode, parse: (decoded: unknown) => Promise.resolve(decoded) },
  })
}

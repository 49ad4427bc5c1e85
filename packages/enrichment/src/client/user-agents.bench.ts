/** What reading a user agent and judging a bot cost, on user agents drawn by their real weights. */
import type { ClientHints } from '@millrace/events'
import UserAgent from 'user-agents'
import { bench, describe } from 'vitest'
import { BotDetector } from './bot-detector.ts'
import { UserAgentReader } from './user-agent-reader.ts'

const drawn = Array.from({ length: 20_000 }, () => new UserAgent().toString())
const hints: ClientHints = {
  brands: '"Chromium";v="140.0.7339.81", "Not=A?Brand";v="24.0.0.0", "Google Chrome";v="140.0.7339.81"',
  platform: '"Windows"',
  platformVersion: '"15.0.0"',
  mobile: '?0',
}
const options = { time: 1_000, warmupTime: 200 }

/** Runs once an iteration on the next user agent of the stream. */
function onEach(run: (userAgent: string) => unknown): () => void {
  let next = 0
  return () => {
    run(drawn[next++ % drawn.length] ?? '')
  }
}

describe('a user agent', () => {
  const cached = new UserAgentReader()
  const forgetful = new UserAgentReader({ cacheEntriesMax: 1 })
  bench(
    'read, remembered',
    onEach((userAgent) => cached.read(userAgent)),
    options,
  )
  bench(
    'read, forgotten',
    onEach((userAgent) => forgetful.read(userAgent)),
    options,
  )
  bench(
    'read with client hints, remembered',
    onEach((userAgent) => cached.read(userAgent, hints)),
    options,
  )
  bench(
    'read with client hints, forgotten',
    onEach((userAgent) => forgetful.read(userAgent, hints)),
    options,
  )
})

describe('a bot', () => {
  const cached = new BotDetector()
  const forgetful = new BotDetector({ cacheEntriesMax: 1 })
  bench(
    'judged, remembered',
    onEach((userAgent) => cached.reason(userAgent)),
    options,
  )
  bench(
    'judged, forgotten',
    onEach((userAgent) => forgetful.reason(userAgent)),
    options,
  )
  bench(
    'judged with client hints, remembered',
    onEach((userAgent) => cached.reason(userAgent, { clientHints: hints })),
    options,
  )
})

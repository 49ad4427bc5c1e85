import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { sendOpenLoop, type SendProgress } from './send-open-loop.ts'
import { Traffic } from './traffic.ts'
import type { TrafficRequest } from './traffic-request.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

type Respond = (answer: () => void, request: IncomingMessage, response: ServerResponse) => void

/** Answers 202 when the test says so. */
async function aServer(respond: Respond): Promise<string> {
  const server = createServer((request, response) => {
    request.resume()
    request.once('end', () => {
      const answer = (): void => {
        response.writeHead(202, { 'x-millrace-receipt': '3-12', 'x-plausible-dropped': '1' }).end('ok')
      }
      respond(answer, request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
}

/** Page views of so many visitors in turn, numbered by a header. */
function inTurn(visitors: number): { next(): TrafficRequest } {
  let count = 0
  return {
    next: () => ({
      protocol: 'plausible',
      method: 'POST',
      path: '/api/event',
      headers: { 'x-number': String(count) },
      body: '{}',
      events: 2,
      visitor: count++ % visitors,
    }),
  }
}

describe('sending in an open loop', () => {
  it('sends at its rate, and reports what the answers say', async () => {
    const url = await aServer((answer) => {
      answer()
    })
    const receipts: (string | undefined)[] = []
    const outcome = await sendOpenLoop({
      traffic: inTurn(1_000),
      url,
      rate: 400,
      count: 400,
      onAnswer: (_, { receipt }) => receipts.push(receipt),
    })
    expect(outcome).toMatchObject({
      due: 400,
      answered: 400,
      failed: 0,
      unsent: 0,
      events: { due: 800, accepted: 800, dropped: 400 },
      protocols: {
        plausible: { requests: 400, events: 800, accepted: 800, dropped: 400, status: { 202: 400 } },
      },
    })
    expect(outcome.seconds).toBeGreaterThan(0.95)
    expect(receipts).toEqual(Array<string>(400).fill('3-12'))
  })

  it('lets a stall of the server show in the times of all that was due meanwhile', async () => {
    const stallMs = 600
    const held: (() => void)[] = []
    let isStalled = true
    const url = await aServer((answer) => {
      if (!isStalled) answer()
      else if (held.push(answer) === 1) {
        setTimeout(() => {
          isStalled = false
          for (const late of held) late()
        }, stallMs)
      }
    })
    const outcome = await sendOpenLoop({
      traffic: inTurn(10_000),
      url,
      rate: 500,
      count: 500,
      connections: 4,
    })
    expect(outcome.answered).toBe(500)
    // With four connections a closed loop would have seen four slow answers in 500.
    expect(outcome.latencyMs.max).toBeGreaterThan(stallMs * 0.9)
    expect(outcome.latencyMs.p50).toBeGreaterThan(20)
    expect(outcome.latencyMs.p90).toBeGreaterThan(stallMs * 0.5)
  })

  it("sends a visitor's requests one after the other, in order", async () => {
    const underWay = new Set<number>()
    const numbers: number[] = []
    let overlaps = 0
    const url = await aServer((answer, { headers }) => {
      const number = Number(headers['x-number'])
      if (underWay.has(number % 3)) overlaps++
      underWay.add(number % 3)
      numbers.push(number)
      setTimeout(
        () => {
          underWay.delete(number % 3)
          answer()
        },
        (number * 7) % 5,
      )
    })
    const outcome = await sendOpenLoop({ traffic: inTurn(3), url, rate: 2_000, count: 120 })
    expect(outcome.answered).toBe(120)
    expect(overlaps).toBe(0)
    for (const visitor of [0, 1, 2]) {
      const own = numbers.filter((number) => number % 3 === visitor)
      expect(own).toEqual(own.toSorted((a, b) => a - b))
    }
  })

  it('gives up and counts what finds too many waiting', async () => {
    const url = await aServer((answer) => {
      setTimeout(answer, 300)
    })
    const outcome = await sendOpenLoop({
      traffic: inTurn(10_000),
      url,
      rate: 2_000,
      count: 200,
      connections: 2,
      waitingMax: 6,
    })
    expect(outcome.due).toBe(200)
    expect(outcome.unsent).toBeGreaterThan(150)
    expect(outcome.answered + outcome.unsent).toBe(200)
  })

  it('counts what is not answered in time as failed, once, and ends', async () => {
    const url = await aServer(() => undefined)
    const outcome = await sendOpenLoop({
      traffic: inTurn(10_000),
      url,
      rate: 1_000,
      count: 50,
      connections: 3,
      answerMsMax: 400,
    })
    expect(outcome).toMatchObject({ due: 50, answered: 0, failed: 50, unsent: 0 })
    expect(Object.values(outcome.failures).reduce((sum, count) => sum + count, 0)).toBe(50)
    expect(outcome.seconds).toBeLessThan(10)
  })

  it('waits for all that is left as long as answers come, however long that takes', async () => {
    const url = await aServer((answer) => {
      setTimeout(answer, 50)
    })
    const slow = { url, rate: 2_000, count: 60, connections: 2, answerMsMax: 900 }
    const outcome = await sendOpenLoop({ traffic: inTurn(10_000), ...slow })
    expect(outcome).toMatchObject({ due: 60, answered: 60, failed: 0 })
    expect(outcome.seconds).toBeGreaterThan(1.4)
  })

  it('counts what cannot connect as failed, by its cause', async () => {
    const url = await aServer(() => undefined)
    for (const close of closing.splice(0)) close()
    const outcome = await sendOpenLoop({ traffic: inTurn(100), url, rate: 1_000, count: 20 })
    expect(outcome).toMatchObject({ due: 20, answered: 0, failed: 20, failures: { ECONNREFUSED: 20 } })
  })

  it('leaves the warm-up out of the times and the rate, not out of the counts', async () => {
    const slowUntil = performance.now() + 700
    const url = await aServer((answer) => {
      setTimeout(answer, performance.now() < slowUntil ? 300 : 0)
    })
    const outcome = await sendOpenLoop({ traffic: inTurn(10_000), url, rate: 100, seconds: 2, warmUpS: 1.2 })
    expect(outcome.answered).toBe(outcome.due)
    expect(outcome.due).toBeGreaterThan(195)
    expect(outcome.latencyMs.max).toBeLessThan(290)
  })

  it('stops when it is told to, and says how far it is each second', async () => {
    const url = await aServer((answer) => {
      answer()
    })
    const stop = new AbortController()
    const seen: SendProgress[] = []
    const outcome = await sendOpenLoop({
      traffic: new Traffic({ seed: 1 }),
      url,
      rate: 200,
      seconds: 3_600,
      signal: stop.signal,
      onProgress: (progress) => {
        seen.push(progress)
        if (seen.length === 2) stop.abort()
      },
    })
    expect(outcome.answered).toBe(outcome.due)
    expect(outcome.seconds).toBeLessThan(20)
    expect(seen[1]?.elapsedS).toBeGreaterThan(1.9)
    expect(seen[1]?.rate).toBeGreaterThan(50)
  })
})

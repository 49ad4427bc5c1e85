import { describe, expect, it } from 'vitest'
import { AnswerReader } from './answer-reader.ts'

const accepted = 'HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\nx-millrace-receipt: 3-7\r\n\r\nok'
const batch = 'HTTP/1.1 202 Accepted\r\nx-millrace-receipt: 0-1,2-9,0-2\r\nContent-Length: 0\r\n\r\n'
const busy = 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\nretry-after: 2\r\n\r\nbusy'

const answers = [202, 202, 503]

describe('answers', () => {
  it('are cut out of one chunk', () => {
    expect(read([accepted + batch + busy])).toEqual(answers)
  })

  it('are the same wherever the bytes were cut', () => {
    const all = accepted + batch + busy
    for (let cut = 1; cut < all.length; cut++) {
      expect(read([all.slice(0, cut), all.slice(cut)])).toEqual(answers)
    }
    expect(read(all.split(/(?=[^])/))).toEqual(answers)
  })

  it('are not there before their body is', () => {
    expect(read([accepted.slice(0, -1)])).toEqual([])
  })

  it.each([
    ['HTTP/1.1 202 Accepted\r\ntransfer-encoding: chunked\r\n\r\n', 'does not say its length'],
    ['SSH-2.0\r\ncontent-length: 0\r\n\r\n', 'no HTTP/1.1 answer'],
    ['x'.repeat(70_000), 'without an end'],
  ])('are refused when they cannot be told apart: %.20s', (text, told) => {
    expect(() => read([text])).toThrow(told)
  })
})

function read(chunks: readonly string[]): number[] {
  const reader = new AnswerReader()
  const found: number[] = []
  for (const chunk of chunks) reader.read(Buffer.from(chunk), (status) => found.push(status))
  return found
}

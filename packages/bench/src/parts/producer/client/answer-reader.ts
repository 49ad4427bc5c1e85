/** What of an HTTP answer the measurements need. */
export interface Answer {
  readonly status: number
  /** Events that the answer gives a place in the log of; 0 where it gives none. */
  readonly places: number
}

const headEnd = Buffer.from('\r\n\r\n')
/** An answer to an event is a few hundred bytes; a receipt may be 16 kB. */
const headBytesMax = 65_536

/** Cuts the bytes of one connection into answers. Each must say its length: chunked answers are none that we send. */
export class AnswerReader {
  #rest: Buffer | undefined

  /** @throws Error when the bytes are no answers of a known length */
  read(chunk: Buffer, onAnswer: (answer: Answer) => void): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    let start = 0
    while (start < bytes.length) {
      const end = bytes.indexOf(headEnd, start)
      if (end === -1) break
      const head = bytes.toString('latin1', start, end)
      const next = end + headEnd.length + bodyLength(head)
      if (next > bytes.length) break
      onAnswer({ status: statusOf(head), places: placesOf(head) })
      start = next
    }
    this.#rest = start < bytes.length ? bytes.subarray(start) : undefined
    if ((this.#rest?.length ?? 0) > headBytesMax) throw new Error('an answer without an end')
  }
}

function statusOf(head: string): number {
  if (!head.startsWith('HTTP/1.1 ')) throw new Error(`no HTTP/1.1 answer: ${head.slice(0, 40)}`)
  return Number(head.slice(9, 12))
}

function bodyLength(head: string): number {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length === undefined) throw new Error(`an answer that does not say its length: ${head.slice(0, 200)}`)
  return Number(length)
}

const receiptName = '\r\nx-millrace-receipt: '

/** Places are told apart by commas. */
function placesOf(head: string): number {
  const at = head.indexOf(receiptName)
  if (at === -1) return 0
  let places = 1
  for (let index = at + receiptName.length; index < head.length; index++) {
    const character = head[index]
    if (character === '\r') break
    if (character === ',') places++
  }
  return places
}

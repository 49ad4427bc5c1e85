const headEnd = Buffer.from('\r\n\r\n')
/** An answer to an event is a few hundred bytes; a receipt may be 16 kB. */
const headBytesMax = 65_536

/** Cuts the bytes of one connection into answers, and tells the status of each. Each must say its length: chunked answers are none that we send. */
export class AnswerReader {
  #rest: Buffer | undefined

  /** @throws Error when the bytes are no answers of a known length */
  read(chunk: Buffer, onAnswer: (status: number) => void): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    let start = 0
    while (start < bytes.length) {
      const end = bytes.indexOf(headEnd, start)
      if (end === -1) break
      const head = bytes.toString('latin1', start, end)
      const next = end + headEnd.length + bodyLength(head)
      if (next > bytes.length) break
      onAnswer(statusOf(head))
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

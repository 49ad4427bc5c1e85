import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface Answer {
  /** 0: the connection ended without one. */
  readonly status: number
  /** Lower-case names; of repeats the last. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** As text that fits on one line. */
export function answerText({ status, body }: Answer): string {
  return status === 0 ? 'no answer' : `${String(status)} ${JSON.stringify(body.slice(0, 200))}`
}

const noAnswer: Answer = { status: 0, headers: new Map(), body: '' }

/** A keep-alive connection that sends bytes as they are, one request at a time, and opens itself again. */
export class Connection {
  readonly #port: number
  readonly #answerMsMax: number
  #socket: Socket | undefined

  constructor(options: { readonly port: number; readonly answerMsMax: number }) {
    this.#port = options.port
    this.#answerMsMax = options.answerMsMax
  }

  /** One request with right framing. @param method HEAD has no body in its answer */
  async ask(bytes: Buffer, method: string): Promise<Answer> {
    const socket = (this.#socket ??= await open(this.#port))
    const reader = new AnswerReader(method === 'HEAD')
    const answer = await exchange(socket, {
      bytes,
      msMax: this.#answerMsMax,
      isDone: (chunk) => reader.take(chunk),
    })
    const isOver = answer === undefined || answer.headers.get('connection') === 'close' || socket.destroyed
    if (isOver) this.close()
    return answer ?? reader.atEnd() ?? noAnswer
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }
}

/** Sends bytes on a connection of their own, from another address of this machine, and reads until it ends. */
export async function askBroken(options: {
  readonly port: number
  readonly localAddress: string
  readonly bytes: Buffer
  readonly answerMsMax: number
}): Promise<Answer[]> {
  const { port, localAddress, bytes, answerMsMax } = options
  const socket = await open(port, localAddress)
  const answers: Answer[] = []
  let reader = new AnswerReader(false)
  await exchange(socket, {
    bytes,
    msMax: answerMsMax,
    isDone: (chunk) => {
      for (let answer = reader.take(chunk); answer !== undefined; answer = reader.take(Buffer.alloc(0))) {
        answers.push(answer)
        reader = reader.next()
      }
      return undefined
    },
  })
  socket.destroy()
  return answers
}

async function open(port: number, localAddress?: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', ...(localAddress === undefined ? {} : { localAddress }) })
  socket.setNoDelay(true)
  await once(socket, 'connect')
  socket.on('error', () => undefined) // the close that follows tells
  return socket
}

/** @returns what `isDone` says of a chunk; undefined when the connection ended, or time is over, before */
function exchange<T>(
  socket: Socket,
  options: {
    readonly bytes: Buffer
    readonly msMax: number
    readonly isDone: (chunk: Buffer) => T | undefined
  },
): Promise<T | undefined> {
  return new Promise((resolve) => {
    const finish = (value: T | undefined): void => {
      clearTimeout(late)
      socket.off('data', take).off('close', ended)
      resolve(value)
    }
    const take = (chunk: Buffer): void => {
      const value = options.isDone(chunk)
      if (value !== undefined) finish(value)
    }
    const ended = (): void => {
      finish(undefined)
    }
    const late = setTimeout(ended, options.msMax)
    socket.on('data', take).once('close', ended)
    if (socket.destroyed) ended()
    else socket.write(options.bytes)
  })
}

/** Reads one answer; its body has a length, or none. */
export class AnswerReader {
  readonly #isHead: boolean
  #bytes: Buffer = Buffer.alloc(0)

  constructor(isHead: boolean, bytes: Buffer = Buffer.alloc(0)) {
    this.#isHead = isHead
    this.#bytes = bytes
  }

  take(chunk: Buffer): Answer | undefined {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    for (;;) {
      const headEnd = this.#bytes.indexOf('\r\n\r\n')
      if (headEnd === -1) return undefined
      const { status, headers } = parseHead(this.#bytes.toString('latin1', 0, headEnd))
      const bodyAt = headEnd + 4
      if (status >= 100 && status < 200) {
        this.#bytes = this.#bytes.subarray(bodyAt)
        continue
      }
      const length =
        this.#isHead || status === 204 || status === 304 ? 0 : Number(headers.get('content-length') ?? 0)
      if (this.#bytes.length < bodyAt + length) return undefined
      const body = this.#bytes.toString('utf8', bodyAt, bodyAt + length)
      this.#bytes = this.#bytes.subarray(bodyAt + length)
      return { status, headers, body }
    }
  }

  /** For the answer behind the one that was read. */
  next(): AnswerReader {
    return new AnswerReader(false, this.#bytes)
  }

  /** What an ended connection left: an answer without its whole body. */
  atEnd(): Answer | undefined {
    const headEnd = this.#bytes.indexOf('\r\n\r\n')
    if (headEnd === -1) return undefined
    return { ...parseHead(this.#bytes.toString('latin1', 0, headEnd)), body: '' }
  }
}

function parseHead(head: string): { status: number; headers: Map<string, string> } {
  const [first = '', ...lines] = head.split('\r\n')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [
      line.slice(0, colon).toLowerCase(),
      line
        .slice(colon + 1)
        .trim()
        .toLowerCase(),
    ] as const
  })
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? 0), headers: new Map(headers) }
}

import { once } from 'node:events'
import { connect } from 'node:net'

const answerMsMax = 5_000

/**
 * How many partitions of all topics each node leads, by node id, as one of the nodes says (Metadata request, version 4).
 * @param address `host:port`
 */
export async function partitionsLed(address: string): Promise<ReadonlyMap<number, number>> {
  const answer = new AnswerReader(await ask(address, metadataRequest()))
  const led = new Map<number, number>()
  answer.int32() // correlation id
  answer.int32() // throttle time
  answer.list(() => {
    led.set(answer.int32(), 0)
    answer.text()
    answer.int32()
    answer.text()
  })
  answer.text() // cluster id
  answer.int32() // controller
  answer.list(() => {
    answer.skip(2)
    answer.text()
    answer.skip(1)
    answer.list(() => {
      answer.skip(2 + 4)
      const leader = answer.int32()
      led.set(leader, (led.get(leader) ?? 0) + 1)
      answer.list(() => answer.int32())
      answer.list(() => answer.int32())
    })
  })
  return led
}

/** Api key 3, version 4, correlation id 1, no client id; all topics, none to be created. */
function metadataRequest(): Buffer {
  const request = Buffer.alloc(4 + 2 + 2 + 4 + 2 + 4 + 1)
  request.writeInt32BE(request.length - 4, 0)
  request.writeInt16BE(3, 4)
  request.writeInt16BE(4, 6)
  request.writeInt32BE(1, 8)
  request.writeInt16BE(-1, 12)
  request.writeInt32BE(-1, 14)
  return request
}

async function ask(address: string, request: Buffer): Promise<Buffer> {
  const [host, port] = address.split(':')
  const socket = connect(Number(port), host)
  const signal = AbortSignal.timeout(answerMsMax)
  try {
    await once(socket, 'connect', { signal })
    socket.write(request)
    let bytes = Buffer.alloc(0)
    while (bytes.length < 4 || bytes.length < 4 + bytes.readInt32BE(0)) {
      const [chunk] = (await once(socket, 'data', { signal })) as [Buffer]
      bytes = Buffer.concat([bytes, chunk])
    }
    return bytes.subarray(4)
  } finally {
    socket.destroy()
  }
}

class AnswerReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  int32(): number {
    this.#at += 4
    return this.#bytes.readInt32BE(this.#at - 4)
  }

  skip(bytes: number): void {
    this.#at += bytes
  }

  text(): void {
    const length = this.#bytes.readInt16BE(this.#at)
    this.#at += 2 + Math.max(0, length)
  }

  list(item: () => void): void {
    for (let left = this.int32(); left > 0; left--) item()
  }
}

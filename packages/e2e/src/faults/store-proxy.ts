import {
  Agent,
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What becomes of one request on its way to ClickHouse. */
export type Passage =
  | { readonly kind: 'pass' }
  /** ClickHouse gets it at once; its answer is held. */
  | { readonly kind: 'hold-answer'; readonly ms: number }
  /** ClickHouse gets it later, whether or not the client still waits. */
  | { readonly kind: 'hold-request'; readonly ms: number }
  /** ClickHouse gets a part of it, then both connections break. */
  | { readonly kind: 'cut' }
  /** ClickHouse does the work, then the client's connection breaks. */
  | { readonly kind: 'drop-answer' }

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface Insert {
  /** Resolves when ClickHouse has answered or its connection broke. */
  readonly settled: Promise<unknown>
}

/** The network between one sink and ClickHouse: passes requests on, and can be told to treat inserts badly. */
export class StoreProxy {
  readonly #server: Server
  readonly #target: string
  readonly #agent = new Agent({ keepAlive: false })
  readonly #onInsert = new Set<(insert: Insert) => void>()
  #passages: (() => Passage) | undefined
  #pending = 0

  private constructor(server: Server, target: string) {
    this.#server = server
    this.#target = target
  }

  static async start(target: string): Promise<StoreProxy> {
    const server = createServer()
    const proxy = new StoreProxy(server, target)
    server.on('request', (incoming, outgoing) => void proxy.#pass(incoming, outgoing))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Requests whose treatment has not ended. */
  get pending(): number {
    return this.#pending
  }

  /** From now on asks for each insert what becomes of it; without an argument every one passes. */
  treatInserts(passages?: () => Passage): void {
    this.#passages = passages
  }

  /** Told of each insert when ClickHouse has got all of it, and has not answered. */
  onInsert(listener: (insert: Insert) => void): void {
    this.#onInsert.add(listener)
  }

  offInsert(listener: (insert: Insert) => void): void {
    this.#onInsert.delete(listener)
  }

  async close(): Promise<void> {
    this.#agent.destroy()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    this.#pending++
    try {
      const body = await bytesOf(incoming)
      const isInsert =
        /INSERT( |%20|\+)INTO/.test(incoming.url ?? '') || body.subarray(0, 11).equals(insertInto)
      const passage: Passage = (isInsert ? this.#passages?.() : undefined) ?? { kind: 'pass' }
      if (passage.kind === 'hold-request') await sleep(passage.ms)
      if (passage.kind === 'cut') {
        await this.#cut(incoming, body)
        outgoing.destroy()
        return
      }
      const answering = this.#ask(incoming, body)
      if (isInsert) this.#tell(answering)
      const { status, headers, body: answer } = await answering
      if (passage.kind === 'hold-answer') await sleep(passage.ms)
      if (passage.kind === 'drop-answer') outgoing.destroy()
      else if (!outgoing.destroyed) outgoing.writeHead(status, withoutFraming(headers)).end(answer)
    } catch {
      outgoing.destroy() // as a client sees a server that is gone
    } finally {
      this.#pending--
    }
  }

  #tell(answering: Promise<unknown>): void {
    const settled = answering.catch(() => undefined)
    for (const listener of [...this.#onInsert]) listener({ settled })
  }

  #ask(incoming: IncomingMessage, body: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = this.#request(incoming, body.length, (response) => {
        bytesOf(response).then((bytes) => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes })
        }, reject)
      })
      asked.once('error', reject)
      asked.end(body)
    })
  }

  /** Sends a part of the body and breaks the connection. */
  async #cut(incoming: IncomingMessage, body: Buffer): Promise<void> {
    const asked = this.#request(incoming, body.length, (response) => response.resume())
    const broken = new Promise((resolve) => asked.once('close', resolve))
    asked.once('error', () => undefined)
    asked.write(body.subarray(0, Math.floor(body.length * 0.7)), () => asked.destroy())
    await broken
  }

  #request(incoming: IncomingMessage, length: number, onResponse: (response: IncomingMessage) => void) {
    const headers = { ...withoutFraming(incoming.headers), 'content-length': length }
    const options = { method: incoming.method ?? 'GET', headers, agent: this.#agent }
    return request(new URL(incoming.url ?? '/', this.#target), options, onResponse)
  }
}

/** Resolves with the first insert on one of these ways, when ClickHouse has got it; undefined when none came in time. */
export function firstInsert(proxies: readonly StoreProxy[], msMax: number): Promise<Insert | undefined> {
  return new Promise((resolve) => {
    const settle = (insert?: Insert): void => {
      clearTimeout(late)
      for (const proxy of proxies) proxy.offInsert(settle)
      resolve(insert)
    }
    const late = setTimeout(settle, msMax)
    for (const proxy of proxies) proxy.onInsert(settle)
  })
}

const insertInto = Buffer.from('INSERT INTO')

/** Headers that are each connection's own. */
const framing = ['transfer-encoding', 'content-length', 'connection']

function withoutFraming(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !framing.includes(name)))
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

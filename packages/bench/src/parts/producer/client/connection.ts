import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { AnswerReader } from './answer-reader.ts'
import type { EncodedRequest } from './encoded-request.ts'

/** A keep-alive connection with one request under way at a time: a socket and the least that can read answers. */
export class Connection {
  readonly #socket: Socket
  readonly #reader = new AnswerReader()
  readonly #onAnswer: (connection: Connection, status: number) => void
  /** When the request under way was due or sent, by `performance.now()`. */
  sinceMs = 0
  /** Events that its acceptance stands for. */
  events = 0

  private constructor(socket: Socket, onAnswer: (connection: Connection, status: number) => void) {
    this.#socket = socket
    this.#onAnswer = onAnswer
  }

  /** @param options.onBroken called at most once; nothing is sent again */
  static async open(options: {
    readonly port: number
    readonly onAnswer: (connection: Connection, status: number) => void
    readonly onBroken: (error: Error) => void
  }): Promise<Connection> {
    const socket = connect({ host: '127.0.0.1', port: options.port, noDelay: true })
    await once(socket, 'connect')
    const connection = new Connection(socket, options.onAnswer)
    const broken = (error: Error): void => {
      socket.destroy()
      options.onBroken(error)
    }
    socket.on('error', broken)
    socket.once('end', () => broken(new Error('the server ended a connection')))
    socket.on('data', (chunk) => {
      try {
        connection.#read(chunk)
      } catch (error) {
        broken(error instanceof Error ? error : new Error(String(error)))
      }
    })
    return connection
  }

  send(request: EncodedRequest, sinceMs: number): void {
    this.sinceMs = sinceMs
    this.events = request.events
    this.#socket.write(request.bytes)
  }

  close(): void {
    this.#socket.removeAllListeners('end')
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    this.#reader.read(chunk, (status) => this.#onAnswer(this, status))
  }
}

import type { IncomingMessage } from 'node:http'

/** A body that is not read to its end: Fastify answers with the status, and closes the connection. */
export class BodyError extends Error {
  override readonly name = 'BodyError'
  readonly code: 'BODY_TOO_LARGE' | 'BODIES_TOO_LARGE' | 'BODY_CUT_SHORT'
  readonly statusCode: number

  constructor(code: BodyError['code'], options: { readonly statusCode: number; readonly message: string }) {
    super(options.message)
    this.code = code
    this.statusCode = options.statusCode
  }
}

/** Reads request bodies of any type as bytes, each and all together within bounds. */
export class BodyReader {
  readonly #bytesMax: number
  readonly #bytesInFlightMax: number
  #bytesInFlight = 0

  constructor(options: { readonly bytesMax: number; readonly bytesInFlightMax: number }) {
    this.#bytesMax = options.bytesMax
    this.#bytesInFlightMax = options.bytesInFlightMax
  }

  /** @param done called once, with a `BodyError` or the bytes */
  read(request: IncomingMessage, done: (error: BodyError | null, body?: Buffer) => void): void {
    if (Number(request.headers['content-length']) > this.#bytesMax) {
      done(this.#tooLarge())
      return
    }
    const chunks: Buffer[] = []
    let bytes = 0
    const finish = (error: BodyError | null): void => {
      request.off('data', take).off('end', end).off('error', cutShort).off('close', cutShort)
      this.#bytesInFlight -= bytes
      const [first] = chunks
      if (error !== null) done(error)
      else done(null, chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, bytes))
    }
    const take = (chunk: Buffer): void => {
      bytes += chunk.length
      this.#bytesInFlight += chunk.length
      chunks.push(chunk)
      if (bytes > this.#bytesMax) finish(this.#tooLarge())
      else if (this.#bytesInFlight > this.#bytesInFlightMax) finish(this.#tooManyBytes())
    }
    const end = (): void => {
      finish(null)
    }
    const cutShort = (): void => {
      const message = 'the request ended before its body did'
      finish(new BodyError('BODY_CUT_SHORT', { statusCode: 400, message }))
    }
    request.on('data', take).on('end', end).on('error', cutShort).on('close', cutShort)
  }

  #tooLarge(): BodyError {
    const message = `a request body may have ${String(this.#bytesMax)} bytes`
    return new BodyError('BODY_TOO_LARGE', { statusCode: 413, message })
  }

  #tooManyBytes(): BodyError {
    const message = 'too many large requests at the same time'
    return new BodyError('BODIES_TOO_LARGE', { statusCode: 503, message })
  }
}

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { topicSpecs } from '@millrace/events'
import { openLog } from '@millrace/log'
import { Cleanup } from '../cleanup.ts'
import { freePort, ServiceProcess } from '../service-process.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { checkAnswer, isEmptyAcceptance, type Asked } from './answer-check.ts'
import { answerText, askBroken, Connection, type Answer } from './connection.ts'
import { wireBytes } from './fuzz-request.ts'
import { generate, type Generated } from './generate.ts'
import { checkLog, type LogCheck } from './log-check.ts'
import { MemoryWatch, type MemoryGrowth } from './memory-watch.ts'
import { ReceiptLedger } from './receipt-ledger.ts'
import { fuzzSites, requestCorpus } from './request-corpus.ts'

export interface FuzzOptions {
  readonly seed: number
  /** Number of the first request. */
  readonly from: number
  readonly requests: number
  readonly secondsMax: number
  readonly connections: number
  readonly onProgress?: (run: FuzzRun) => void
}

export interface FuzzFailure {
  readonly index: number
  readonly problem: string
  readonly answer: string
  /** One character a byte. */
  readonly request: string
}

export interface FuzzRun {
  readonly requests: number
  readonly ms: number
  /** By kind of request and status. */
  readonly answers: ReadonlyMap<string, number>
  /** Accepted with nothing to store, such as a ping or an empty list, by path. */
  readonly acceptedEmpty: ReadonlyMap<string, number>
  readonly failures: readonly FuzzFailure[]
  /** What was wrong besides: the log, the process. */
  readonly problems: readonly string[]
  readonly log?: LogCheck | undefined
  readonly memory?: MemoryGrowth | undefined
}

const limits = {
  failuresMax: 20,
  answerMsMax: 20_000,
  /** Of the producer under test: what a broken request may hold up. */
  headersTimeoutMs: 1_500,
  requestTimeoutMs: 3_000,
  lookMs: 500,
  requestCharsShown: 4_000,
} as const
/** Broken requests come from here, so that their records are told from the others'. Linux has the whole of 127/8. */
const brokenAddress = '127.0.0.2'
const sendsBroken = process.platform === 'linux'

/** Sends the requests to a producer of its own on an embedded log, and holds answers, log and process to each other. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzRun> {
  const cleanup = new Cleanup()
  try {
    const directory = await temporaryDirectory()
    cleanup.defer(directory.remove)
    const log = await openLog(
      { DATA_DIR: directory.path, EMBEDDED_LOG_BYTES_MAX: 2 ** 36 },
      { clientId: 'fuzz' },
    )
    cleanup.defer(() => log.close())
    const retention = { rawRetentionH: 24, enrichedRetentionH: 24 }
    await log.createTopics(topicSpecs({ partitions: 4, replicationFactor: 1, ...retention }))
    const producer = await startProducer(directory.path)
    cleanup.defer(() => producer.service.kill())
    const fuzz = new Fuzz(options, producer)
    await fuzz.run()
    const problems: string[] = []
    if (producer.service.hasExited) problems.push(`the producer ended: ${producer.service.output}`)
    else if ((await producer.service.stop()) !== 0)
      problems.push(`it did not drain: ${producer.service.output}`)
    const checked = await checkLog(log, { ledger: fuzz.ledger, brokenAddress })
    const growth = fuzz.memory.growth()
    if (growth?.isBounded === false) problems.push('its memory grew')
    return { ...fuzz.soFar(), log: checked, memory: growth, problems: [...problems, ...checked.problems] }
  } finally {
    await cleanup.run()
  }
}

interface FuzzedProducer {
  readonly service: ServiceProcess
  readonly port: number
}

async function startProducer(directory: string): Promise<FuzzedProducer> {
  const port = await freePort()
  const sitesFile = join(directory, 'sites.json')
  await writeFile(sitesFile, JSON.stringify(fuzzSites))
  const service = await ServiceProcess.start({
    entry: 'services/producer/dist/main.js',
    readyUrl: `http://127.0.0.1:${port}/readyz`,
    environment: {
      PORT: String(port),
      DATA_DIR: directory,
      SITES_FILE: sitesFile,
      EMBEDDED_LOG_BYTES_MAX: String(2 ** 36),
      // Nothing listens there: what needs ClickHouse has to do without.
      CLICKHOUSE_URL: `http://127.0.0.1:${await freePort()}`,
      // Nobody: an address that a header names must not get into a record.
      TRUSTED_PROXIES: '192.0.2.1/32',
      HEADERS_TIMEOUT_MS: String(limits.headersTimeoutMs),
      REQUEST_TIMEOUT_MS: String(limits.requestTimeoutMs),
      LOG_LEVEL: 'error',
    },
  })
  return { service, port }
}

class Fuzz {
  readonly ledger = new ReceiptLedger()
  readonly memory: MemoryWatch
  readonly #options: FuzzOptions
  readonly #producer: FuzzedProducer
  readonly #corpus = requestCorpus()
  /** How each sound request was answered at first. */
  readonly #firstAnswers = new Map<string, Answer>()
  readonly #answers = new Map<string, number>()
  readonly #acceptedEmpty = new Map<string, number>()
  readonly #failures: FuzzFailure[] = []
  readonly #startedAt = performance.now()
  #sent = 0
  #done = 0
  #lookedAt = 0

  constructor(options: FuzzOptions, producer: FuzzedProducer) {
    this.#options = options
    this.#producer = producer
    this.memory = new MemoryWatch(producer.service.pid)
  }

  soFar(): FuzzRun {
    return {
      requests: this.#done,
      ms: performance.now() - this.#startedAt,
      answers: this.#answers,
      acceptedEmpty: this.#acceptedEmpty,
      failures: this.#failures,
      problems: [],
    }
  }

  async run(): Promise<void> {
    await this.#askSound()
    await Promise.all(Array.from({ length: this.#options.connections }, () => this.#work()))
  }

  /** Each sound request once: it must be accepted, and have as many places as later. */
  async #askSound(): Promise<void> {
    const connection = this.#connect()
    for (const { name, request } of this.#corpus) {
      const bytes = wireBytes(request)
      const answer = await connection.ask(bytes, request.method)
      this.#firstAnswers.set(name, answer)
      const isRefused = answer.status < 200 || answer.status > 299
      const problem = isRefused ? 'a documented example is refused' : this.#check({ ...request }, answer)
      if (problem !== undefined) this.#fail({ index: -1, problem, bytes, answer: answerText(answer) })
    }
    connection.close()
  }

  async #work(): Promise<void> {
    const { from, requests, secondsMax, seed } = this.#options
    const connection = this.#connect()
    const endsAt = this.#startedAt + secondsMax * 1_000
    while (
      this.#sent < requests &&
      performance.now() < endsAt &&
      this.#failures.length < limits.failuresMax
    ) {
      if (this.#producer.service.hasExited) break
      const index = from + this.#sent++
      await this.#send(index, generate(seed, index, this.#corpus), connection)
      this.#done++
      this.#look(endsAt)
    }
    connection.close()
  }

  async #send(index: number, generated: Generated, connection: Connection): Promise<void> {
    const { bytes, kind } = generated
    if (generated.kind === 'broken') {
      if (!sendsBroken) return
      const { port } = this.#producer
      const { answerMsMax } = limits
      for (const answer of await askBroken({ port, localAddress: brokenAddress, bytes, answerMsMax })) {
        this.#count(kind, answer)
        const problem = answer.status >= 500 ? 'a 5xx' : this.#noteBroken(answer)
        if (problem !== undefined) this.#fail({ index, problem, bytes, answer: answerText(answer) })
      }
      return
    }
    const asked: Asked =
      generated.kind === 'sound'
        ? { ...generated.known.request, before: this.#firstAnswers.get(generated.known.name) }
        : generated
    const answer = await connection.ask(bytes, asked.method)
    this.#count(kind, answer)
    if (isEmptyAcceptance(asked, answer)) {
      this.#acceptedEmpty.set(asked.path, (this.#acceptedEmpty.get(asked.path) ?? 0) + 1)
    }
    const problem = this.#check(asked, answer)
    if (problem !== undefined) this.#fail({ index, problem, bytes, answer: answerText(answer) })
  }

  #check(asked: Asked, answer: Answer): string | undefined {
    return checkAnswer(asked, { answer, ledger: this.ledger })
  }

  /** Which request it answers is not known. */
  #noteBroken({ headers }: Answer): string | undefined {
    const receipt = headers.get('x-millrace-receipt')
    return receipt === undefined ? undefined : this.ledger.note(receipt, '')
  }

  #count(kind: string, { status }: Answer): void {
    const key = `${kind} ${String(status)}`
    this.#answers.set(key, (this.#answers.get(key) ?? 0) + 1)
  }

  #fail(given: { index: number; problem: string; bytes: Buffer; answer: string }): void {
    const { index, problem, bytes, answer } = given
    const request = bytes.toString('latin1', 0, limits.requestCharsShown)
    this.#failures.push({ index, problem, answer, request })
  }

  #look(endsAt: number): void {
    const now = performance.now()
    if (now - this.#lookedAt < limits.lookMs) return
    this.#lookedAt = now
    const byCount = this.#done / this.#options.requests
    const byTime = (now - this.#startedAt) / (endsAt - this.#startedAt)
    this.memory.look(Math.max(byCount, byTime))
    this.#options.onProgress?.(this.soFar())
  }

  #connect(): Connection {
    return new Connection({ port: this.#producer.port, answerMsMax: limits.answerMsMax })
  }
}

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { eventually } from './eventually.ts'

const entry = fileURLToPath(new URL('../../../services/pipeline/dist/main.js', import.meta.url))

/** From spawn to the first 200 of /readyz. */
const startMsMax = 60_000
const stopMsMax = 40_000

export interface PipelineOptions {
  readonly dataDirectory: string
  readonly environment?: Readonly<Record<string, string>>
  /** Ports to use again after a restart. */
  readonly ports?: { readonly http: number; readonly clickHouse: number }
}

/** The whole pipeline as `npm start` runs it, in a process of its own. */
export class PipelineProcess {
  readonly ports: { readonly http: number; readonly clickHouse: number }
  readonly #child: ChildProcess
  #output = ''

  private constructor(child: ChildProcess, ports: { http: number; clickHouse: number }) {
    this.#child = child
    this.ports = ports
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-20_000)
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
  }

  /** Resolves when the pipeline says that it is ready. */
  static async start(options: PipelineOptions): Promise<PipelineProcess> {
    const ports = options.ports ?? { http: await freePort(), clickHouse: await freePort() }
    const child = spawn(process.execPath, [entry], {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        HOST: '127.0.0.1',
        PORT: String(ports.http),
        CLICKHOUSE_PORT: String(ports.clickHouse),
        DATA_DIR: options.dataDirectory,
        LOG_LEVEL: 'info',
        ...options.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const pipeline = new PipelineProcess(child, ports)
    await eventually('the pipeline is ready', startMsMax, async () => {
      if (child.exitCode !== null) throw new Error(`the pipeline stopped:\n${pipeline.output}`)
      const response = await fetch(`${pipeline.url}/readyz`)
      if (response.status !== 200) throw new Error(`readyz: ${response.status} ${await response.text()}`)
    }).catch((error: unknown) => {
      child.kill('SIGKILL')
      throw new Error(`${String(error)}\n${pipeline.output}`, { cause: error })
    })
    return pipeline
  }

  get url(): string {
    return `http://127.0.0.1:${this.ports.http}`
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The end of what it wrote to its standard output and error. */
  get output(): string {
    return this.#output
  }

  /** Sends one Plausible event. */
  async post(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(`${this.url}/api/event`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', 'user-agent': aBrowser, ...headers },
      body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    })
  }

  /** Rows of a question, as the read-only user asks it; 64-bit integers come as text. */
  async sql<Row = Record<string, unknown>>(query: string): Promise<Row[]> {
    const url = `http://127.0.0.1:${this.ports.clickHouse}/?database=millrace&output_format_json_quote_64bit_integers=1`
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'x-clickhouse-user': 'readonly' },
      body: `${query} FORMAT JSONEachRow`,
    })
    const text = await response.text()
    if (!response.ok) throw new Error(text)
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Row)
  }

  /** SIGTERM; @returns the exit code */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode
    const exited = once(this.#child, 'exit', { signal: AbortSignal.timeout(stopMsMax) })
    this.#child.kill('SIGTERM')
    await exited.catch((error: unknown) => {
      this.#child.kill('SIGKILL')
      throw new Error(`the pipeline did not drain:\n${this.output}`, { cause: error })
    })
    return this.#child.exitCode
  }

  async kill(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}

export const aBrowser =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

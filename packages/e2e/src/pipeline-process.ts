import { freePort, ServiceProcess } from './service-process.ts'

export interface PipelineOptions {
  readonly dataDirectory: string
  readonly environment?: Readonly<Record<string, string>>
  /** Ports to use again after a restart. */
  readonly ports?: PipelinePorts
}

export interface PipelinePorts {
  readonly http: number
  readonly clickHouse: number
}

/** The whole pipeline as `npm start` runs it, in a process of its own. */
export class PipelineProcess {
  readonly ports: PipelinePorts
  readonly process: ServiceProcess

  private constructor(process: ServiceProcess, ports: PipelinePorts) {
    this.process = process
    this.ports = ports
  }

  /** Resolves when the pipeline says that it is ready. */
  static async start(options: PipelineOptions): Promise<PipelineProcess> {
    const ports = options.ports ?? { http: await freePort(), clickHouse: await freePort() }
    const process = await ServiceProcess.start({
      entry: 'services/pipeline/dist/main.js',
      readyUrl: `http://127.0.0.1:${ports.http}/readyz`,
      environment: {
        PORT: String(ports.http),
        CLICKHOUSE_PORT: String(ports.clickHouse),
        DATA_DIR: options.dataDirectory,
        ...options.environment,
      },
    })
    return new PipelineProcess(process, ports)
  }

  get url(): string {
    return `http://127.0.0.1:${this.ports.http}`
  }

  get clickHouseUrl(): string {
    return `http://127.0.0.1:${this.ports.clickHouse}`
  }

  /** Sends one Plausible event as a browser would. */
  async post(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return postEvent(this.url, body, headers)
  }

  async sql<Row = Record<string, unknown>>(query: string): Promise<Row[]> {
    return askAsAnalyst<Row>(this.clickHouseUrl, query)
  }
}

export async function postEvent(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${url}/api/event`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain', 'user-agent': aBrowser, ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  })
}

/** Rows of a question, as the read-only user asks it; 64-bit integers come as text. */
export async function askAsAnalyst<Row = Record<string, unknown>>(
  clickHouseUrl: string,
  query: string,
): Promise<Row[]> {
  const response = await fetch(
    `${clickHouseUrl}/?database=millrace&output_format_json_quote_64bit_integers=1`,
    {
      method: 'POST',
      headers: { 'x-clickhouse-user': 'readonly' },
      body: `${query} FORMAT JSONEachRow`,
    },
  )
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}

export const aBrowser =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

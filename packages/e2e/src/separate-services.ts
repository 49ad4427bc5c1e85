import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort, ServiceProcess } from './service-process.ts'

const run = promisify(execFile)
const cli = fileURLToPath(new URL('../../../services/cli/bin/millrace.js', import.meta.url))

/** Starts the services one by one, as an operator does, against given servers. */
export class SeparateServices {
  readonly #environment: Readonly<Record<string, string>>
  readonly #running: ServiceProcess[] = []

  constructor(environment: Readonly<Record<string, string>>) {
    this.#environment = environment
  }

  /** @returns what `millrace migrate` printed */
  async migrate(): Promise<string> {
    const { stdout } = await run(process.execPath, [cli, 'migrate'], {
      env: { ...process.env, ...this.#environment },
    })
    return stdout
  }

  /** @returns the process and where it sends events to */
  async startProducer(): Promise<{ service: ServiceProcess; url: string }> {
    const url = `http://127.0.0.1:${await freePort()}`
    const service = await this.#start('producer', { PORT: new URL(url).port }, url)
    return { service, url }
  }

  async start(name: 'enricher' | 'sink'): Promise<{ service: ServiceProcess; adminUrl: string }> {
    const adminUrl = `http://127.0.0.1:${await freePort()}`
    const service = await this.#start(name, { ADMIN_PORT: new URL(adminUrl).port }, adminUrl)
    return { service, adminUrl }
  }

  async stop(): Promise<void> {
    for (const service of this.#running) await service.stop()
  }

  async #start(name: string, environment: Record<string, string>, url: string): Promise<ServiceProcess> {
    const service = await ServiceProcess.start({
      entry: `services/${name}/dist/main.js`,
      environment: { ...this.#environment, ...environment },
      readyUrl: `${url}/readyz`,
    })
    this.#running.push(service)
    return service
  }
}

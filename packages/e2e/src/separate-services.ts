import { runMillrace } from './millrace-command.ts'
import { freePort, ServiceProcess } from './service-process.ts'

/** Starts the services one by one, as an operator does, against given servers. */
export class SeparateServices {
  readonly #environment: Readonly<Record<string, string>>
  readonly #running: ServiceProcess[] = []

  constructor(environment: Readonly<Record<string, string>>) {
    this.#environment = environment
  }

  /** @throws Error when `millrace migrate` fails, with what it printed */
  async migrate(): Promise<void> {
    const { code, output } = await runMillrace(['migrate'], this.#environment)
    if (code !== 0) throw new Error(`millrace migrate ended with ${String(code)}: ${output}`)
  }

  /**
   * @param address where an earlier one took events; default a free port
   * @returns the process and where it takes events
   */
  async startProducer(address?: string): Promise<{ service: ServiceProcess; url: string }> {
    const url = address ?? `http://127.0.0.1:${await freePort()}`
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

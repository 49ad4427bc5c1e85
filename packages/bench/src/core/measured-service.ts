import { freePort, ServiceProcess } from '@millrace/e2e'

/** An enricher or a sink in a process of its own, with its page of metrics. */
export async function startService(
  name: 'enricher' | 'sink',
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly service: ServiceProcess; readonly adminUrl: string }> {
  const port = await freePort()
  const adminUrl = `http://127.0.0.1:${port}`
  const service = await ServiceProcess.start({
    entry: `services/${name}/dist/main.js`,
    environment: { ...environment, ADMIN_PORT: String(port) },
    readyUrl: `${adminUrl}/readyz`,
  })
  return { service, adminUrl }
}

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

const tracker = createRequire(import.meta.url).resolve('@plausible-analytics/tracker')

export interface ServedSite {
  readonly port: number
  readonly close: () => Promise<void>
}

/**
 * Serves a shop of five pages with Plausible's own tracker, and the page of another site that links to it, all from
 * one port; the browser maps the host names to it.
 * @param endpoint where the tracker sends its events
 */
export async function serveSite(endpoint: string): Promise<ServedSite> {
  const script = await readFile(tracker)
  const server = createServer((request, response) => {
    if (request.url === '/tracker.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
      return
    }
    const host = request.headers.host ?? ''
    const page = host.startsWith('shop.example') ? shopPage(request.url ?? '/', endpoint) : linkingPage(host)
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function linkingPage(host: string): string {
  const port = host.split(':')[1] ?? '80'
  return `<!doctype html><title>A blog</title><a id="shop" href="http://shop.example:${port}/">the shop</a>`
}

function shopPage(path: string, endpoint: string): string {
  return `<!doctype html><title>Shop ${path}</title>
<nav>${['/', '/products', '/products/tea', '/cart', '/thanks'].map((to) => `<a href="${to}">${to}</a>`).join(' ')}
<a id="outbound" target="_blank" href="http://partner.example/offer">partner</a></nav>
<div style="height: 4000px">long</div>
<script type="module">
  import { init, track } from '/tracker.js'
  init({ domain: 'shop.example', endpoint: ${JSON.stringify(endpoint)}, captureOnLocalhost: true, outboundLinks: true })
  window.track = track
  document.body.dataset.ready = 'yes'
</script>`
}

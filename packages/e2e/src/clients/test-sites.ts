import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, extname, join, normalize } from 'node:path'
import type { ServedSite } from '../served-site.ts'

const modules = createRequire(import.meta.url)
/** Directories of the clients as their authors publish them, by the name they are served under. */
const libraries: Readonly<Record<string, string>> = {
  official: dirname(modules.resolve('@plausible-analytics/tracker')),
  tracker: join(dirname(modules.resolve('plausible-tracker')), '../module'),
  fork: dirname(modules.resolve('@barbapapazes/plausible-tracker')),
  kameleoon: dirname(modules.resolve('@kameleoon/javascript-sdk')),
}

/**
 * Serves the published clients unchanged under `/lib/<name>/`, files under `/files/`, and the given page for every other path.
 * @param page HTML, by host name
 */
export async function serveClients(page: (hostname: string) => string): Promise<ServedSite> {
  const server = createServer((request, response) => {
    answer(request, response, page).catch(() => response.writeHead(404).end())
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  page: (hostname: string) => string,
): Promise<void> {
  const url = new URL(request.url ?? '/', `http://${request.headers.host ?? ''}`)
  const [, first, library = '', ...path] = url.pathname.split('/')
  if (first === 'files') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('a file')
    return
  }
  if (first !== 'lib') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page(url.hostname))
    return
  }
  const file = normalize(join('/', ...path))
  // One of them imports its own files without their extension, as bundlers allow.
  const script = await readFile(
    join(libraries[library] ?? '/nowhere', extname(file) === '' ? `${file}.js` : file),
  )
  response.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
}

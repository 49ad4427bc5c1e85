import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const path = '/usr/bin/curl'
/** All that an example's shell finds. */
const searchPath = '/usr/bin:/bin'
const runMsMax = 20_000

/** What the examples lack on this machine; undefined where they can run. */
export const curlUnavailable = existsSync(path) ? undefined : `needs ${path}`

export interface CurlAnswer {
  readonly status: number
  readonly body: string
}

/** Makes curl show the answer's head, whatever the example asks for, so that an example's text need not be touched. */
export async function configureCurl(directory: string): Promise<void> {
  await writeFile(join(directory, '.curlrc'), 'silent\nshow-error\ninclude\n')
}

/**
 * Runs an example as a shell would.
 * @param directory where `configureCurl` wrote
 */
export async function runExample(command: string, directory: string): Promise<CurlAnswer> {
  const output = await new Promise<string>((resolve, reject) => {
    const options = {
      env: { PATH: searchPath, HOME: directory, CURL_HOME: directory },
      timeout: runMsMax,
    }
    execFile('/bin/sh', ['-c', command], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${command}\n${stderr}`, { cause: error }))
    })
  })
  const [head = '', ...body] = output.replace(/^HTTP\/1\.1 100 [^\r]*\r\n\r\n/, '').split('\r\n\r\n')
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]), body: body.join('\r\n\r\n') }
}

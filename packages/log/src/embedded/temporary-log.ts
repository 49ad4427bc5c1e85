import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log } from '../log.ts'
import { openEmbeddedLog, type EmbeddedLogOptions } from './embedded-log.ts'

export interface TemporaryLog {
  readonly log: Log
  readonly directory: string
  /** Another client of the same log; closed by `remove` too. */
  readonly open: () => Promise<Log>
  /** Closes the log and deletes its directory. */
  readonly remove: () => Promise<void>
}

/** An embedded log in a directory of its own, for a test. */
export async function aTemporaryEmbeddedLog(
  options: Partial<EmbeddedLogOptions> = {},
): Promise<TemporaryLog> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'millrace-log-')))
  const clients: Log[] = []
  const open = async (): Promise<Log> => {
    const client = await openEmbeddedLog({ bytesMax: 2 ** 30, diskFreeBytesMin: 0, ...options, directory })
    clients.push(client)
    return client
  }
  return {
    log: await open(),
    directory,
    open,
    remove: async () => {
      await Promise.all(clients.map((client) => client.close()))
      await rm(directory, { recursive: true, force: true })
    },
  }
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeLogContract } from '../log-contract.ts'
import { openEmbeddedLog } from './embedded-log.ts'
import { Environment } from './environment.ts'
import { removeBefore } from './retention.ts'

describeLogContract('the embedded log', () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-log-'))
  return Promise.resolve({
    open: () => openEmbeddedLog({ directory, bytesMax: 2 ** 30 }),
    close: () => {
      rmSync(directory, { recursive: true })
      return Promise.resolve()
    },
    removeBefore: async (topic, partition, offset) => {
      const environment = new Environment({ directory, writeMsMax: 5_000 })
      await removeBefore(environment, { topic, partition }, offset)
      await environment.close()
    },
  })
})

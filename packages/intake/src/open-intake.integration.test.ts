import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openFixedIntake } from './open-intake.ts'

describe('openFixedIntake', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-intake-'))
  })
  afterAll(() => rm(directory, { recursive: true }))

  it('tells by its fingerprint whether a file or list has changed', async () => {
    const file = join(directory, 'sites.json')
    await writeFile(file, '{"sites":[{"domain":"a.example"}]}')
    const fingerprints: string[] = []
    const take = async (config: object) => {
      fingerprints.push((await openFixedIntake(config)).fingerprint)
    }
    await take({})
    await take({ TRUSTED_PROXIES: '10.0.0.0/8' })
    await take({ SITES_FILE: file })
    await take({ SITES_FILE: file })
    await writeFile(file, '{"sites":[{"domain":"b.example"}]}')
    await take({ SITES_FILE: file })
    expect(fingerprints[2]).toBe(fingerprints[3])
    expect(new Set(fingerprints).size).toBe(4)
  })
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OptionsError } from '@millrace/runtime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventRoutes, type EventRoute } from './event-routes.ts'
import { openFixedIntake } from './open-intake.ts'

const plausible = eventRoutes.find(({ path }) => path === '/api/event')
if (plausible === undefined) throw new Error('no route')

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

  it('asks the IAB/ABC list, where there is one, before a decoder refuses bots', async () => {
    const files = {
      IAB_BROWSERS_FILE: join(directory, 'include'),
      IAB_ROBOTS_FILE: join(directory, 'exclude'),
    }
    await writeFile(files.IAB_BROWSERS_FILE, 'mozilla/|1|1\n')
    await writeFile(files.IAB_ROBOTS_FILE, 'acmewatch|1|||2|0\n')
    const asked: boolean[] = []
    const dropsOf = async (config: object, userAgent: string) => {
      const { intake } = await openFixedIntake(config)
      const route: EventRoute = {
        ...plausible,
        decode: (request, context) => {
          asked.push(context.isBot(userAgent))
          return plausible.decode(request, context)
        },
      }
      const body = Buffer.from('{"n":"pageview","u":"https://a.example/","d":"a.example"}')
      const request = {
        peer: '81.2.69.142',
        headers: { 'user-agent': userAgent },
        body,
        path: route.path,
        query: '',
      }
      const taken = intake.read(route, { ...request, method: 'POST' }, Date.UTC(2026, 10, 21))
      return 'events' in taken ? taken.events.map(({ drop }) => drop) : taken
    }
    const robot = 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0 AcmeWatch/1'
    expect(await dropsOf({}, robot)).toEqual([undefined])
    expect(await dropsOf(files, robot)).toEqual(['bot'])
    expect(await dropsOf(files, '')).toEqual([undefined])
    expect(asked).toEqual([false, true, false])
  })

  it('refuses half of the IAB/ABC list with one line', async () => {
    await expect(openFixedIntake({ IAB_ROBOTS_FILE: join(directory, 'exclude') })).rejects.toThrow(
      new OptionsError('invalid options: IAB/ABC list: the files of browsers and robots are needed together'),
    )
  })
})

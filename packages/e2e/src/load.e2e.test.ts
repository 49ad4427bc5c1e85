import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cleanup } from './cleanup.ts'
import { environmentOf, runMillrace } from './millrace-command.ts'
import { PipelineProcess } from './pipeline-process.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const loadMsMax = 180_000

describe('millrace load', () => {
  let pipeline: PipelineProcess
  let environment: Record<string, string>
  const cleanup = new Cleanup()

  beforeAll(async () => {
    const { path: dataDirectory, remove } = await temporaryDirectory()
    cleanup.defer(remove)
    const sitesFile = join(dataDirectory, 'sites.json')
    const { code, output } = await runMillrace(['load', '--sites', '30', '--print-sites-file'], {})
    expect(code).toBe(0)
    await writeFile(sitesFile, output.slice(0, output.lastIndexOf('}') + 1))
    const spamFile = join(dataDirectory, 'spam.txt')
    await writeFile(
      spamFile,
      ['semalt.com', 'darodar.com', 'priceg.com', 'traffic2money.com', 'event-tracking.com'].join('\n'),
    )
    pipeline = await PipelineProcess.start({
      dataDirectory,
      environment: { SITES_FILE: sitesFile, REFERRER_SPAM_FILE: spamFile },
    })
    cleanup.defer(async () => expect(await pipeline.process.stop()).toBe(0))
    environment = environmentOf(pipeline, dataDirectory)
  })
  afterAll(() => cleanup.run())

  it(
    'finds every event of all protocols stored or dropped by rule, once, also when the same is sent again',
    { timeout: loadMsMax * 2 },
    async () => {
      const load = ['load', '--events', '6000', '--rate', '1500', '--sites', '30', '--visitors', '400']
      const runs = [await runMillrace(load, environment), await runMillrace(load, environment)]
      const stored: Record<string, number> = {}
      for (const { code, output } of runs) {
        expect(output).toMatch(/refused 0, failed 0, not sent 0/)
        const [, run = ''] = /run (\S+):/.exec(output) ?? []
        const [, accepted, events, dropped] =
          /of (\d+) accepted: stored (\d+), dropped by rule (\d+), dead letters 0; lost 0, doubled 0/.exec(
            output,
          ) ?? []
        expect(code, output).toBe(0)
        expect(Number(events) + Number(dropped)).toBe(Number(accepted))
        stored[run] = Number(events)
      }
      const counted = await pipeline.sql(
        `SELECT replaceOne(if(props['run'] = '', props['sdkVersion'], props['run']), '4.17.1-', '') AS run,
           count() AS events, uniq(protocol) AS protocols FROM events GROUP BY run`,
      )
      const counts = counted.map(({ run, events, protocols }) => [run, [Number(events), Number(protocols)]])
      const expected = Object.entries(stored).map(([run, events]) => [run, [events, 4]])
      expect(Object.fromEntries(counts)).toEqual(Object.fromEntries(expected))
      // An engagement that overtook its page view would have had no session.
      const reasons = await pipeline.sql('SELECT DISTINCT reason FROM dropped_events ORDER BY reason')
      expect(reasons).toEqual([{ reason: 'bot' }, { reason: 'spam_referrer' }])
      const sites = await pipeline.sql('SELECT uniq(site) AS sites FROM events')
      expect(Number(sites[0]?.sites)).toBeLessThanOrEqual(30)
    },
  )

  it('fails, and says how much, when the tables lack what was accepted', { timeout: loadMsMax }, async () => {
    // The answers are of this pipeline; the tables that are looked at are those of an empty database beside.
    const elsewhere = { ...environment, CLICKHOUSE_DATABASE: 'elsewhere' }
    expect((await runMillrace(['migrate'], elsewhere)).code).toBe(0)
    const { code, output } = await runMillrace(
      ['load', '--events', '200', '--rate', '500', '--sites', '30'],
      elsewhere,
    )
    expect(output).toMatch(/stored 0, dropped by rule 0, dead letters 0; lost 2\d\d, doubled 0/)
    expect(code).toBe(1)
  })

  it(
    'says how to make the sites known when the producer does not know them',
    { timeout: loadMsMax },
    async () => {
      const unknown = [
        'load',
        '--events',
        '200',
        '--rate',
        '500',
        '--sites',
        '3000',
        '--protocols',
        'octeth=1',
      ]
      const { output } = await runMillrace(unknown, environment)
      expect(output).toMatch(/422: \d+/)
      expect(output).toContain('--print-sites-file')
      expect(output).toMatch(/lost 0, doubled 0/)
    },
  )
})

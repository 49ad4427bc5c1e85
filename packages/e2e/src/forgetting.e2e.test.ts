import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cleanup } from './cleanup.ts'
import { sendEvents } from './event-sender.ts'
import { expectStoredOnce } from './books.ts'
import { environmentOf, runMillrace } from './millrace-command.ts'
import { PipelineProcess } from './pipeline-process.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const storedMsMax = 20_000
const day = () => new Date().toISOString().slice(0, 10)

describe('verify-forgotten, beside a pipeline that runs', () => {
  const cleanup = new Cleanup()
  let pipeline: PipelineProcess
  let dataDirectory: string

  beforeAll(async () => {
    const directory = await temporaryDirectory()
    cleanup.defer(directory.remove)
    dataDirectory = directory.path
    pipeline = await PipelineProcess.start({ dataDirectory })
    cleanup.defer(async () => expect(await pipeline.process.stop()).toBe(0))
    const sent = await sendEvents({
      url: pipeline.url,
      count: 40,
      concurrency: 4,
      site: 'a.example',
      visitors: 40,
    })
    await expectStoredOnce(pipeline.clickHouseUrl, sent.receipts, storedMsMax)
  })
  afterAll(() => cleanup.run())

  const verify = (date: string) =>
    runMillrace(['verify-forgotten', date], environmentOf(pipeline, dataDirectory))

  it('finds the salt in use in the log and its own file, and nowhere else on the disk', async () => {
    const before = day()
    const { code, output } = await verify(before)
    expect(code).toBe(1)
    const places = output.split('\n').filter((line) => line.startsWith('THERE'))
    expect(places).toEqual([
      expect.stringMatching(/in the memory of enrichers/),
      expect.stringMatching(/millrace.salts in the embedded log, offset 0, .* used until .*T00:00:00Z/),
      expect.stringMatching(/log\/secrets\/millrace.salts\/.*a salt record of the day/),
      expect.stringMatching(/log\/secrets\/millrace.salts\/.*in base64/),
    ])
    expect(output).not.toContain('NOT SEEN')
  })

  it('finds none of a day long past', async () => {
    const { code, output } = await verify('2020-02-29')
    expect([code, output]).toEqual([0, expect.stringMatching(/MB searched, nothing found/)])
    expect(output).toMatch(new RegExp(`the salt of ${day()} is used until`))
  })

  it.each(['', 'yesterday', '2026-02-30'])('does not take %j for a day', async (date) => {
    expect(await verify(date)).toMatchObject({
      code: 2,
      output: expect.stringContaining('is not a day') as string,
    })
  })
})

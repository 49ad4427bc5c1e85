import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { Cleanup } from './cleanup.ts'
import { expectStoredOnce } from './books.ts'
import { sendEvents } from './event-sender.ts'
import { eventually } from './eventually.ts'
import { PipelineProcess } from './pipeline-process.ts'
import { freePort } from './service-process.ts'
import { canMountSmallDisk, SmallDisk } from './small-disk.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const outageMs = 60_000
const recoveryMsMax = 60_000
/** Of requests that a full log refuses, before room is made. */
const refusedEnough = 300

describe('outages', () => {
  const cleanup = new Cleanup()
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let clickHouse: Awaited<ReturnType<typeof startEmbeddedClickHouse>>
  let clickHousePort: number

  const startClickHouse = () =>
    startEmbeddedClickHouse({ directory: join(directory.path, 'clickhouse'), port: clickHousePort })
  const startPipeline = async (dataDirectory: string, environment: Record<string, string> = {}) => {
    const pipeline = await PipelineProcess.start({
      dataDirectory,
      environment: { CLICKHOUSE_URL: clickHouse.url, ...environment },
    })
    cleanup.defer(async () => expect(await pipeline.process.stop()).toBe(0))
    return pipeline
  }

  beforeEach(async () => {
    directory = await temporaryDirectory()
    cleanup.defer(directory.remove)
    clickHousePort = await freePort()
    clickHouse = await startClickHouse()
    cleanup.defer(() => clickHouse.close())
  })
  afterEach(() => cleanup.run())

  it(
    'waits while ClickHouse is gone for a minute, shows the lag, and stores all that came',
    { timeout: 240_000 },
    async () => {
      const pipeline = await startPipeline(directory.path)
      const before = await sendEvents({
        url: pipeline.url,
        count: 500,
        concurrency: 10,
        site: 'gone.example',
        visitors: 50,
      })
      await clickHouse.close()
      const during = await sendEvents({
        url: pipeline.url,
        count: 3_000,
        concurrency: 10,
        site: 'gone.example',
        visitors: 50,
      })
      expect(during.statuses).toEqual(new Map([[202, 3_000]]))
      await eventually('the sink shows its lag', 20_000, async () => {
        const text = await (await fetch(`${pipeline.url}/metrics`)).text()
        const lags = [...text.matchAll(/^millrace_sink_offset_lag\w*\{[^}]*\} (\d+)/gm)].map((match) =>
          Number(match[1]),
        )
        expect(lags.reduce((sum, lag) => sum + lag, 0)).toBeGreaterThan(2_000)
      })
      await sleep(outageMs) // the outage itself
      clickHouse = await startClickHouse()
      await expectStoredOnce(clickHouse.url, [...before.receipts, ...during.receipts], recoveryMsMax)
    },
  )

  const tmpfs = canMountSmallDisk()
  describe.skipIf(!tmpfs)('a full disk' + (tmpfs ? '' : ' (needs the right to mount a tmpfs)'), () => {
    it(
      'answers 503 while the log cannot take events, never a false 202, and goes on when there is room',
      { timeout: 240_000 },
      async () => {
        const disk = await SmallDisk.mount(join(directory.path, 'small-disk'), 80)
        cleanup.defer(() => disk.unmount())
        const pipeline = await startPipeline(disk.directory, { APPEND_DEADLINE_MS: '1000' })
        const enough = new AbortController()
        let refused = 0
        const full = await sendEvents({
          url: pipeline.url,
          count: 60_000,
          concurrency: 100,
          site: 'full.example',
          visitors: 500,
          signal: enough.signal,
          onAnswer: (_, status) => {
            if (status === 503 && ++refused === refusedEnough) enough.abort()
          },
        })
        expect(full.statuses.get(503) ?? 0).toBeGreaterThan(0)
        expect([...full.statuses.keys()].filter((status) => ![202, 503].includes(status))).toEqual([])
        await disk.resize(512 * 1024 * 1024)
        const room = await eventually('the log takes events again', 30_000, async () => {
          const sent = await sendEvents({
            url: pipeline.url,
            count: 1,
            concurrency: 1,
            site: 'full.example',
            visitors: 1,
          })
          expect(sent.receipts).toHaveLength(1)
          return sent
        })
        await expectStoredOnce(clickHouse.url, [...full.receipts, ...room.receipts], recoveryMsMax)
      },
    )
  })
})

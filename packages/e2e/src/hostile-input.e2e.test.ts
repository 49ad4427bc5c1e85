import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cleanup } from './cleanup.ts'
import { eventually } from './eventually.ts'
import { doors, hostileBodies, hostileSites, spoofedHeaders } from './hostile-requests.ts'
import { aBrowser, PipelineProcess } from './pipeline-process.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const storedMsMax = 30_000
const successes = { Plausible: 202, Kameleoon: 202, Octeth: 200, SuccessEve: 200 } as Record<string, number>

interface Sent {
  readonly path: string
  readonly type: string
  readonly body: string | Buffer
}

describe('hostile input', () => {
  let pipeline: PipelineProcess
  const cleanup = new Cleanup()
  const places: string[] = []

  beforeAll(async () => {
    const directory = await temporaryDirectory()
    cleanup.defer(directory.remove)
    const sitesFile = join(directory.path, 'sites.json')
    await writeFile(sitesFile, JSON.stringify(hostileSites))
    pipeline = await PipelineProcess.start({
      dataDirectory: directory.path,
      // No peer of this test is a trusted proxy.
      environment: { SITES_FILE: sitesFile, TRUSTED_PROXIES: '192.0.2.0/24' },
    })
    cleanup.defer(async () => expect(await pipeline.process.stop()).toBe(0))
  })
  afterAll(() => cleanup.run())

  async function send({ path, type, body }: Sent, headers: Readonly<Record<string, string>> = {}) {
    const response = await fetch(`${pipeline.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': type, 'user-agent': aBrowser, ...headers },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    })
    places.push(...(response.headers.get('x-millrace-receipt')?.split(',') ?? []))
    return { status: response.status, headers: response.headers, text: await response.text() }
  }

  const soundRequest = (door: (typeof doors)[number]) => ({ ...door, body: door.json() })

  describe.each(doors)('at the door of $name', (door) => {
    const at = doors.indexOf(door)
    it('a sound request is accepted, as JSON and as pairs', async () => {
      expect((await send(soundRequest(door))).status).toBe(successes[door.name])
      expect((await send({ ...door.pairs, body: door.pairs.text() })).status).toBe(successes[door.name])
    })

    it.each(hostileBodies)('$title', async ({ of, statuses }) => {
      const { status, headers, text } = await send(of(door))
      expect([status, text.slice(0, 300)]).toEqual([statuses[at], expect.any(String)])
      expect(headers.has('x-injected')).toBe(false)
      expect(text).not.toContain('polluted')
      expect((await send(soundRequest(door))).status).toBe(successes[door.name])
    })

    it('what a stranger says of its address is not believed', async () => {
      const { status, headers } = await send(soundRequest(door), spoofedHeaders('203.0.113.7'))
      expect([status, headers.get('x-plausible-dropped')]).toEqual([successes[door.name], null])
    })

    const keyed = door.keys.map((key) => [key.right, key] as const)
    it.each(keyed)('%s: a wrong one is refused, and no key is in the answer', async (right, { wrong }) => {
      for (const other of wrong) {
        const request = {
          ...door,
          path: door.path.replaceAll(right, other),
          body: door.json().replaceAll(right, other),
        }
        const { status, text } = await send(request)
        expect([other, status]).toEqual([other, right.startsWith('ListID') ? 422 : 401])
        for (const secret of ['t0ken', 'k3y-of-the-account']) expect(text).not.toContain(secret)
        if (other !== '') expect(text).not.toContain(other)
      }
    })

    const others = door.keys.flatMap(({ right, ofAnother }) =>
      ofAnother === undefined ? [] : [[right, ofAnother] as const],
    )
    it.each(others)("%s: another site's stores for that site", async (right, other) => {
      const swap = (text: string) => text.replaceAll(right, other)
      const request = { ...door, path: swap(door.path), body: swap(door.json()) }
      const { status, headers } = await send(request)
      expect(status).toBe(successes[door.name])
      const [partition, offset] = (headers.get('x-millrace-receipt') ?? '').split('-')
      const where = `kafka_partition = ${partition ?? ''} AND raw_offset = ${offset ?? ''}`
      await eventually('the event is stored', storedMsMax, async () => {
        const rows = await pipeline.sql(`SELECT site FROM events WHERE ${where}`)
        expect(rows).toEqual([{ site: 'other.example' }])
      })
    })
  })

  it('line breaks in what an answer repeats do not get into its head', async () => {
    const octeth = doors.find(({ name }) => name === 'Octeth')!
    const answer = await rawPost(octeth.path, {
      type: octeth.type,
      body: octeth
        .json()
        .replace('"Event"', '"ID":"a\\r\\nx-injected: 1\\r\\n\\r\\n","UUID":"b\\r\\nx-injected: 2","Event"'),
    })
    expect(answer).toMatch(/^HTTP\/1\.1 (200|422) /)
    expect(answer.split('\r\n\r\n')).toHaveLength(2)
    expect(answer).not.toMatch(/^x-injected/m)
  })

  /** The whole answer as it came over the wire. */
  async function rawPost(path: string, { type, body }: { type: string; body: string }): Promise<string> {
    const socket = connect(pipeline.ports.http, '127.0.0.1')
    const lines = [
      `POST ${path} HTTP/1.1`,
      'host: a',
      'connection: close',
      `user-agent: ${aBrowser}`,
      `content-type: ${type}`,
      `content-length: ${String(Buffer.byteLength(body))}`,
    ]
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
    await once(socket, 'close', { signal: AbortSignal.timeout(10_000) })
    const receipt = /x-millrace-receipt: (\S+)/.exec(answer)?.[1]
    if (receipt !== undefined) places.push(...receipt.split(','))
    return answer
  }

  it(
    'what was accepted is in ClickHouse, each event once, all of it UTF-8',
    { timeout: 60_000 },
    async () => {
      expect(new Set(places).size).toBe(places.length)
      expect(places.length).toBeGreaterThan(100)
      await eventually('all of it is stored', storedMsMax, async () => {
        const [counts] = await pipeline.sql(`SELECT
        (SELECT count() FROM events) AS events,
        (SELECT count() FROM dropped_events) AS drops,
        (SELECT count() FROM dead_letters WHERE stage = 'enricher') AS letters`)
        const stored = [counts?.events, counts?.drops, counts?.letters].map(Number)
        expect(stored.reduce((sum, count) => sum + count, 0)).toBe(places.length)
      })
      const texts =
        'concat(site, name, visitor_id, hostname, pathname, title, referrer, client_event_id, toString(props))'
      expect(await pipeline.sql(`SELECT count() AS n FROM events WHERE NOT isValidUTF8(${texts})`)).toEqual([
        { n: '0' },
      ])
      expect(
        await pipeline.sql('SELECT count() AS n FROM dead_letters WHERE NOT isValidUTF8(cause)'),
      ).toEqual([{ n: '0' }])
      expect(
        await pipeline.sql(
          'SELECT * FROM delivery_audit WHERE gaps != 0 OR duplicates != 0 OR raw_duplicates != 0',
        ),
      ).toEqual([])
      expect(await pipeline.sql('SELECT * FROM missing_events')).toEqual([])
      expect(await pipeline.sql("SELECT count() AS n FROM dropped_events WHERE reason != 'repeat'")).toEqual([
        { n: '0' },
      ])
      expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    },
  )
})

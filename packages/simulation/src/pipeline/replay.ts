import { sinkGroups, topics } from '@millrace/events'
import type { Scheduler } from '../machine/scheduler.ts'
import type { BrokenPromise } from '../promises/broken-promise.ts'
import { StoreServer } from '../store/store-server.ts'
import { Supervisor } from './supervisor.ts'
import type { World } from './world.ts'

const database = 'again'
const replayMsMax = 120_000
const lookMs = 250

/**
 * Sinks of a second, empty database read the log from its start, in peace: they store the same rows. Where retention has taken
 * records meanwhile there is nothing to compare.
 */
export async function replay(world: World): Promise<BrokenPromise[]> {
  const { logServer, scheduler, settings, storeServer } = world
  if (isCut(world)) return []
  world.history.add('world', 'a second database is filled from the start of the log')
  const sink = { ...settings.sink, CLICKHOUSE_DATABASE: database }
  const second: World = {
    ...world,
    settings: { ...settings, sink },
    storeServer: new StoreServer({ honoursTokens: true }),
  }
  const supervisor = new Supervisor(() => second)
  for (let member = 0; member < settings.sinks; member++) supervisor.add('sink')
  const groups = sinkGroups(database)
  const isDone = () =>
    [
      [groups.events, topics.enriched],
      [groups.deadLetters, topics.deadLetter],
      [groups.books, topics.books],
    ].every(([group = '', topic = '']) => logServer.isAtEnd(group, topic))
  if (!(await reached(isDone, scheduler))) {
    return [{ promise: 'a replay gives the same rows', detail: 'the replay does not settle' }]
  }
  return differences(storeServer, second.storeServer)
}

function isCut({ logServer: { broker } }: World): boolean {
  return [topics.enriched, topics.deadLetter, topics.books].some((topic) =>
    broker.partitions(topic).some(({ low }) => low > 0),
  )
}

async function reached(isDone: () => boolean, scheduler: Scheduler): Promise<boolean> {
  const deadline = scheduler.now + replayMsMax
  while (!isDone()) {
    if (scheduler.now > deadline) return false
    await scheduler.runFor(lookMs)
  }
  return true
}

function differences(first: StoreServer, second: StoreServer): BrokenPromise[] {
  return (['events', 'drops', 'deadLetters'] as const).flatMap((table): BrokenPromise[] => {
    const [mustBe, is] = [linesOf(first.tables[table]), linesOf(second.tables[table])]
    const index = mustBe.findIndex((line, at) => line !== is[at])
    if (index === -1 && is.length === mustBe.length) return []
    const detail = `${table}: ${is[index] ?? 'no row'} instead of ${mustBe[index] ?? 'no row'}`
    return [{ promise: 'a replay gives the same rows', detail }]
  })
}

/** Rows in an order of their own; when they were inserted is not theirs to keep. */
function linesOf(rows: readonly object[]): string[] {
  return rows.map((row) => JSON.stringify({ ...row, ingestedAt: 0 })).toSorted()
}

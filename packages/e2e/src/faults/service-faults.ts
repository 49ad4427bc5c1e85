import { setTimeout as sleep } from 'node:timers/promises'
import { runningCount, timing, type Bench } from './bench.ts'
import type { Hit } from './hit.ts'
import type { SeededRandom } from './seeded-random.ts'
import type { ServiceKind, ServiceSlot } from './service-slot.ts'
import { firstInsert } from './store-proxy.ts'

const downMs = { min: 100, max: 3_000 }
/** Beyond the session timeout, so that others have taken over when it goes on. */
const frozenMs = {
  min: timing.consumerSessionTimeoutMs + 1_000,
  max: timing.consumerSessionTimeoutMs + 3_000,
}
/** A producer belongs to no group. */
const frozenProducerMs = { min: 500, max: 5_000 }
/** How long a fault waits for the insert it wants to hit. */
const insertMsMax = 2_500
const scaledMs = 1_500

/** kill -9 of one or all of a kind, every other time in the middle of an insert where the kind inserts. */
export async function killServices(kind: ServiceKind, bench: Bench, random: SeededRandom): Promise<Hit> {
  const targets = someOf(bench.running(kind), random, 0.3)
  const note = random.chance(0.5) ? await insertBegun(targets, bench) : undefined
  return killAndRestart(targets, random, note)
}

export function killEverything(bench: Bench, random: SeededRandom): Promise<Hit> {
  return killAndRestart(bench.running(), random)
}

async function killAndRestart(
  targets: readonly ServiceSlot[],
  random: SeededRandom,
  note?: string,
): Promise<Hit> {
  const startedAt = performance.now()
  await Promise.all(targets.map((slot) => slot.kill()))
  await sleep(random.between(downMs.min, downMs.max))
  const endedAt = performance.now()
  for (const slot of targets) slot.launch()
  return { target: namesOf(targets), startedAt, endedAt, ...(note === undefined ? {} : { note }) }
}

/**
 * SIGSTOP and SIGCONT of one or all of a kind. Of a sink, every other time in the middle of an insert that is held on the
 * way: ClickHouse gets it when another sink has taken over, or has even stored the same rows and more.
 */
export async function freezeServices(kind: ServiceKind, bench: Bench, random: SeededRandom): Promise<Hit> {
  const targets = someOf(bench.running(kind), random, 0.25)
  const { min, max } = kind === 'producer' ? frozenProducerMs : frozenMs
  const frozenFor = random.between(min, max)
  const note = random.chance(0.6)
    ? await insertHeld(targets, bench, frozenFor - random.between(0, 1_500))
    : undefined
  const startedAt = performance.now()
  for (const slot of targets) slot.freeze()
  await sleep(frozenFor)
  for (const slot of targets) slot.thaw()
  const endedAt = performance.now()
  return { target: namesOf(targets), startedAt, endedAt, ...(note === undefined ? {} : { note }) }
}

/** Drains every process in turn and starts it again, the next one when it serves. */
export async function rollingRestart(bench: Bench, random: SeededRandom): Promise<Hit> {
  const targets = random.shuffled(bench.running())
  const startedAt = performance.now()
  const notes: string[] = []
  for (const slot of targets) {
    const drainAt = performance.now()
    const end = await slot.drain()
    const startAt = performance.now()
    await slot.start()
    const [drained, started] = [startAt - drainAt, performance.now() - startAt].map((ms) =>
      (ms / 1000).toFixed(1),
    )
    notes.push(
      `${slot.name} drained in ${drained} s${end === '0' ? '' : ` (ended with ${end})`}, served in ${started} s`,
    )
  }
  return { target: 'every process', startedAt, endedAt: performance.now(), note: notes.join('; ') }
}

/** From the usual number down to one, up to as many as there are partitions, and back. */
export async function scale(kind: 'enricher' | 'sink', bench: Bench): Promise<Hit> {
  const startedAt = performance.now()
  const drain = async (from: number): Promise<void> => {
    for (const slot of bench.running(kind).slice(from)) await slot.drain()
  }
  await drain(1)
  await sleep(scaledMs)
  const more = bench.slots(kind).filter(({ isWanted }) => !isWanted)
  await Promise.all(more.map((slot) => slot.start()))
  await sleep(scaledMs)
  await drain(runningCount)
  return {
    target: `${kind}s to 1, ${bench.slots(kind).length}, ${runningCount}`,
    startedAt,
    endedAt: performance.now(),
  }
}

function someOf(
  slots: readonly ServiceSlot[],
  random: SeededRandom,
  allShare: number,
): readonly ServiceSlot[] {
  return random.chance(allShare) ? slots : [random.of(slots)]
}

/** Waits until ClickHouse has got an insert of one of them and has not answered. */
async function insertBegun(slots: readonly ServiceSlot[], bench: Bench): Promise<string | undefined> {
  const proxies = bench.proxies(slots)
  if (proxies.length === 0) return undefined
  const insert = await firstInsert(proxies, insertMsMax)
  return insert === undefined ? undefined : 'in an insert'
}

/** Holds the next insert of each of them back; resolves when one is held. */
async function insertHeld(
  slots: readonly ServiceSlot[],
  bench: Bench,
  ms: number,
): Promise<string | undefined> {
  const proxies = bench.proxies(slots)
  if (proxies.length === 0) return undefined
  const isHeld = await new Promise<boolean>((resolve) => {
    const late = setTimeout(() => resolve(false), insertMsMax)
    for (const proxy of proxies) {
      proxy.treatInserts(() => {
        proxy.treatInserts()
        clearTimeout(late)
        resolve(true)
        return { kind: 'hold-request', ms }
      })
    }
  })
  for (const proxy of proxies) proxy.treatInserts()
  return isHeld ? 'its insert held back' : undefined
}

function namesOf(slots: readonly ServiceSlot[]): string {
  return slots.map(({ name }) => name).join(', ')
}

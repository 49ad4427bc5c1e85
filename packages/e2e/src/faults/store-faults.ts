import { setTimeout as sleep } from 'node:timers/promises'
import { timing, type Bench } from './bench.ts'
import type { Hit } from './hit.ts'
import type { SeededRandom } from './seeded-random.ts'
import { firstInsert, type Passage } from './store-proxy.ts'

const goneMs = { min: 200, max: 4_000 }
/** How long after ClickHouse got an insert it is killed. */
const intoInsertMs = { min: 0, max: 15 }
const insertMsMax = 8_000
const insertTriesMax = 20
const treatedMs = { min: 2_000, max: 4_000 }
const treatedShare = 0.6
/** Beyond the client's patience. */
const heldMs = { min: timing.clickHouseRequestMsMax + 100, max: timing.clickHouseRequestMsMax + 2_000 }
const pollMs = 20

/** kill -9 of ClickHouse while it has an insert and has not answered; it is started again after a while. */
export async function killClickHouse(bench: Bench, random: SeededRandom): Promise<Hit> {
  const isInInsert = await untilInInsert(bench, random)
  const startedAt = performance.now()
  await bench.clickHouse.kill()
  await sleep(random.between(goneMs.min, goneMs.max))
  await bench.clickHouse.startAgain()
  const note = isInInsert ? 'in an insert' : 'between inserts'
  return { target: 'ClickHouse', startedAt, endedAt: performance.now(), note }
}

/** @returns false when no insert lasted long enough to be hit */
async function untilInInsert(bench: Bench, random: SeededRandom): Promise<boolean> {
  const deadline = performance.now() + insertMsMax
  for (let tries = 0; tries < insertTriesMax; tries++) {
    const insert = await firstInsert(bench.proxies(), Math.max(0, deadline - performance.now()))
    if (insert === undefined) return false
    const settled = await Promise.race([
      insert.settled.then(() => true),
      sleep(random.between(intoInsertMs.min, intoInsertMs.max)).then(() => false),
    ])
    if (!settled) return true
  }
  return false
}

/** From the next insert on, the network treats most of them so for some seconds. */
export async function treatInserts(
  kind: Exclude<Passage['kind'], 'pass'>,
  bench: Bench,
  random: SeededRandom,
): Promise<Hit> {
  const proxies = bench.proxies()
  let [hits, startedAt] = [0, performance.now()]
  const passage = (): Passage => {
    if (hits > 0 && !random.chance(treatedShare)) return { kind: 'pass' }
    if (hits++ === 0) startedAt = performance.now()
    const ms = random.between(heldMs.min, heldMs.max)
    return kind === 'hold-answer' || kind === 'hold-request' ? { kind, ms } : { kind }
  }
  for (const proxy of proxies) proxy.treatInserts(passage)
  await until(() => hits > 0, insertMsMax)
  await sleep(random.between(treatedMs.min, treatedMs.max))
  for (const proxy of proxies) proxy.treatInserts()
  await until(() => proxies.every(({ pending }) => pending === 0), heldMs.max)
  const target = hits === 0 ? '' : 'inserts'
  return { target, startedAt, endedAt: performance.now(), note: `${hits} inserts` }
}

async function until(isSo: () => boolean, msMax: number): Promise<void> {
  const deadline = performance.now() + msMax
  while (!isSo() && performance.now() < deadline) await sleep(pollMs)
}

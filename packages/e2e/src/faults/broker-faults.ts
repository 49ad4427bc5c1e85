import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaNode } from '@millrace/log/testing'
import { eventually } from '../eventually.ts'
import type { Bench } from './bench.ts'
import type { Hit } from './hit.ts'
import { partitionsLed } from './kafka-leaders.ts'
import type { SeededRandom } from './seeded-random.ts'

const goneMs = { min: 500, max: 4_000 }
/** The bench's nodes lose their session with the controller after 3 s. */
const frozenMs = { min: 2_000, max: 6_000 }

/** kill -9 of so many Kafka nodes, those that lead most first; they are started again after a while. */
export async function killBrokers(count: number, bench: Bench, random: SeededRandom): Promise<Hit> {
  const nodes = await leaders(bench)
  const targets = nodes.slice(0, count)
  const startedAt = performance.now()
  await Promise.all(targets.map(({ node }) => node.kill()))
  await sleep(random.between(goneMs.min, goneMs.max))
  await Promise.all(targets.map(({ node }) => node.start()))
  return { target: describe(targets), startedAt, endedAt: performance.now() }
}

export async function freezeBroker(bench: Bench, random: SeededRandom): Promise<Hit> {
  const targets = (await leaders(bench)).slice(0, 1)
  const startedAt = performance.now()
  await Promise.all(targets.map(({ node }) => node.freeze()))
  await sleep(random.between(frozenMs.min, frozenMs.max))
  for (const { node } of targets) node.thaw()
  return { target: describe(targets), startedAt, endedAt: performance.now() }
}

/** A busy broker may not answer at once. */
const leadersMsMax = 30_000

interface Leader {
  readonly node: KafkaNode
  readonly led: number
}

async function leaders({ kafka }: Bench): Promise<Leader[]> {
  if (kafka === undefined) throw new Error('bug: a broker fault on the embedded log')
  const led = await eventually('Kafka says who leads', leadersMsMax, () =>
    partitionsLed(kafka.nodes[0]!.address),
  )
  return kafka.nodes.map((node) => ({ node, led: led.get(node.id) ?? 0 })).toSorted((a, b) => b.led - a.led)
}

function describe(targets: readonly Leader[]): string {
  return targets.map(({ node, led }) => `node ${node.id}, which led ${led} partitions`).join(', ')
}

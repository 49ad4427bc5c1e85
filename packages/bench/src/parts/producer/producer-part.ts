import { join } from 'node:path'
import { Cleanup } from '@millrace/e2e'
import { startKafka } from '@millrace/log/testing'
import type { BenchContext, BenchPart } from '../../core/bench-part.ts'
import type { ComparisonResult } from '../../core/comparison.ts'
import { LoadClient } from './client/load-client.ts'
import { corePlan, pin, type CorePlan } from './core-plan.ts'
import {
  aimedShare,
  byLoad,
  columns,
  p99MsMax,
  plotsOf,
  lineOf,
  rowOf,
  sharesOf,
  type OfferedLoad,
} from './offered-load.ts'
import { measureOffered } from './offered.ts'
import { saturated, sizesOf, warmUp, type LoadSizes } from './saturation.ts'
import { startBareFastify, startProducer, type EventServer } from './servers.ts'

const yardstick = 'bare Fastify'
const ratioMin = 0.6

/** Our producer against a Fastify route that answers 202, saturated and at given loads. */
export const producerPart: BenchPart = {
  names: ['producer'],
  async run(context) {
    const sizes = sizesOf(context)
    const plan = corePlan()
    const client = await LoadClient.start()
    context.cleanup.defer(() => client.stop())
    if (plan !== undefined) pin(client.pid, plan.others)
    const traffic = { seed: 1, protocols: { plausible: 1 } }
    const { bytes, requests } = await client.prepare({ traffic, requests: sizes.requests })
    const conditions = conditionsOf({ sizes, plan, requestBytes: bytes / requests })
    const loads: OfferedLoad[] = []
    for (const log of context.logs) {
      const cleanup = new Cleanup()
      try {
        loads.push(...(await measureOn(log, { context, client, sizes, plan, conditions, cleanup })))
      } finally {
        await cleanup.run()
      }
    }
    report(context, byLoad(loads))
  },
}

interface Setting {
  readonly context: BenchContext
  readonly client: LoadClient
  readonly sizes: LoadSizes
  readonly plan: CorePlan | undefined
  readonly conditions: Readonly<Record<string, string | number>>
  /** Run when the log is done with. */
  readonly cleanup: Cleanup
}

async function measureOn(log: 'embedded' | 'kafka', setting: Setting): Promise<OfferedLoad[]> {
  const { context, client, sizes, conditions } = setting
  const [producer, bare] = await startServers(log, setting)
  for (const server of [producer, bare]) await warmUp(server, client, sizes)
  const comparison = await context.compare({
    part: 'producer',
    log,
    contenders: [saturated(producer, client, sizes), saturated(bare, client, sizes)],
    aims: (['events per second', 'events per CPU second'] as const).map((measure) => ({
      yardstick,
      measure,
      ratioMin,
    })),
    conditions: { ...conditions, ...(log === 'kafka' ? kafkaConditions : embeddedConditions) },
  })
  // Bare Fastify knows no log: it is measured beside the first one.
  const servers = log === context.logs[0] ? [producer, bare] : [producer]
  const loads: OfferedLoad[] = []
  for (let round = 0; round < context.rounds; round++) {
    for (const share of sharesOf(round, context.isQuick)) {
      for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
        context.signal.throwIfAborted()
        const rate = share * saturatedRate(comparison, server)
        const load = await measureOffered(server, { client, sizes, share, rate })
        context.say(lineOf(load))
        loads.push(load)
      }
    }
  }
  return loads.map((load) => (load.server === bare.name ? load : { ...load, server: `producer, ${log} log` }))
}

async function startServers(
  log: 'embedded' | 'kafka',
  { context, plan, cleanup }: Setting,
): Promise<[EventServer, EventServer]> {
  const kafka = log === 'kafka' ? await startKafka({ quickStart: false }) : undefined
  if (kafka !== undefined) cleanup.defer(() => kafka.close())
  const directory = join(context.directory, log)
  const producer = await startProducer({ name: 'producer', directory, brokers: kafka?.brokers, cleanup })
  const bare = await startBareFastify(yardstick, cleanup)
  if (plan !== undefined) {
    for (const { pid } of [producer, bare]) pin(pid, plan.server)
    for (const { pid } of kafka?.nodes ?? []) if (pid !== undefined) pin(pid, plan.others)
  }
  return [producer, bare]
}

function saturatedRate({ contenders }: ComparisonResult, server: EventServer): number {
  const figures = contenders.find(({ name }) => name === server.name)
  if (figures === undefined) throw new Error(`${server.name} was not measured`)
  return figures.eventsPerSecond.median
}

function conditionsOf(options: {
  readonly sizes: LoadSizes
  readonly plan: CorePlan | undefined
  readonly requestBytes: number
}) {
  const { sizes, plan, requestBytes } = options
  return {
    path: 'POST /api/event, generated Plausible traffic',
    'bytes a request, with its head': requestBytes,
    'keep-alive connections': sizes.connections,
    'seconds a measurement': sizes.measureMs / 1000,
    cores:
      plan === undefined
        ? 'not pinned'
        : `server with all its threads pinned to core ${plan.server}, client (and Kafka) to ${plan.others}`,
    check: 'every accepted event is in the log',
  }
}

const embeddedConditions = { 'answered when': 'the embedded log has it on disk (fsync)' }
const kafkaConditions = {
  'answered when': 'Kafka has it',
  acks: 'all, 1 node',
  compression: 'lz4',
}

function report(context: BenchContext, loads: readonly OfferedLoad[]): void {
  context.table({
    title: 'producer, time to the answer by offered load',
    method:
      `Open loop: requests leave when they are due, to about 1 ms, and their time runs from then. 100 % is the rate at which ` +
      `the server was saturated in this run. Median of the rounds at ${aimedShare * 100} %, one measurement elsewhere. ` +
      `The aim is a p99 under ${p99MsMax} ms at half load.`,
    columns,
    rows: loads.map((load) => rowOf(load, !context.isQuick && load.server !== yardstick)),
  })
  if (context.isQuick) return
  for (const plot of plotsOf(loads)) context.plot(plot)
}

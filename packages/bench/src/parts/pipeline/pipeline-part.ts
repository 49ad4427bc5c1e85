import { join } from 'node:path'
import { Cleanup } from '@millrace/e2e'
import type { BenchContext, BenchPart } from '../../core/bench-part.ts'
import { shown } from '../../core/report.ts'
import { LoadClient } from '../producer/client/load-client.ts'
import { highestSustained, nextLoad } from './load-steps.ts'
import { plotsOf, tableOf, type PipelineFigures } from './pipeline-report.ts'
import { startEmbeddedPipeline, startKafkaPipeline, type RunningPipeline } from './running-pipeline.ts'
import { measureStep, type Step, type StepSizes } from './step.ts'
import { openStore } from './stored.ts'

const starts = {
  embedded: { name: 'embedded defaults', start: startEmbeddedPipeline },
  kafka: { name: 'separate services on Kafka', start: startKafkaPipeline },
} as const

/** Requests of which the events are counted to know how many requests a load in events is. */
const countedRequests = 5_000
const quickLoad = 200
/** Before the first step: what is compiled and loaded at first use is not measured. */
const warmUpLoad = 500

/** The whole pipeline, from HTTP to SQL, at rising loads. */
export const pipelinePart: BenchPart = {
  names: ['pipeline'],
  async run(context) {
    const figures: PipelineFigures[] = []
    for (const log of context.logs) {
      const cleanup = new Cleanup()
      try {
        figures.push(await measureOn(log, context, cleanup))
      } finally {
        await cleanup.run()
      }
    }
    const sizes = sizesOf(context)
    const conditions =
      `${sizes.connections} connections, ${sizes.measureMs / 1000} s a step; nothing is pinned to a core: pipeline and ` +
      `generator share the machine.`
    for (const pipeline of figures) context.table(tableOf(pipeline, conditions))
    if (context.isQuick) return
    for (const plot of plotsOf(figures)) context.plot(plot)
  },
}

function sizesOf({ isQuick }: BenchContext): StepSizes {
  return isQuick
    ? { connections: 16, warmUpMs: 300, measureMs: 1_000 }
    : { connections: 256, warmUpMs: 1_000, measureMs: 5_000 }
}

async function measureOn(
  log: 'embedded' | 'kafka',
  context: BenchContext,
  cleanup: Cleanup,
): Promise<PipelineFigures> {
  const { name, start } = starts[log]
  const directory = join(context.directory, `pipeline-${log}`)
  const pipeline = await start({ directory, cleanup })
  const client = await LoadClient.start()
  cleanup.defer(() => client.stop())
  const measure = await measurer(pipeline, { client, context, cleanup })
  const say = (step: Step): void => {
    const { offered, accepted, stored, freshnessMs } = step
    const rates = `${shown(offered)} offered, ${shown(accepted)} accepted, ${shown(stored)} stored a second`
    context.say(`pipeline, ${name}: ${rates}, freshness p99 ${shown(freshnessMs.p99)} ms`)
  }
  const steps: Step[] = []
  const halfLoad: Step[] = []
  if (context.isQuick) steps.push(await measure(quickLoad))
  else {
    await measure(warmUpLoad)
    for (let load = nextLoad(steps); load !== undefined; load = nextLoad(steps)) {
      const step = await measure(load)
      say(step)
      steps.push(step)
    }
    const highest = highestSustained(steps)
    for (let round = 0; highest !== undefined && round < context.rounds; round++) {
      halfLoad.push(await measure(highest / 2))
    }
  }
  halfLoad.forEach(say)
  return {
    name,
    processes: pipeline.processes.map((process) => process.name),
    steps: steps.toSorted((one, other) => one.offered - other.offered),
    halfLoad,
  }
}

async function measurer(
  pipeline: RunningPipeline,
  given: { readonly client: LoadClient; readonly context: BenchContext; readonly cleanup: Cleanup },
): Promise<(offered: number) => Promise<Step>> {
  const { client, context, cleanup } = given
  const store = openStore(pipeline.clickHouseUrl)
  cleanup.defer(() => store.close())
  const { events, requests } = await client.prepare({ traffic: { seed: 1 }, requests: countedRequests })
  const sizes = sizesOf(context)
  let count = 0
  return async (offered) => {
    context.signal.throwIfAborted()
    const site = `probes-${++count}.bench.example`
    return measureStep({
      pipeline,
      client,
      store,
      sizes,
      offered,
      eventsPerRequest: events / requests,
      site,
    })
  }
}

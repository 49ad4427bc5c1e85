import type { CommittedPosition } from '@millrace/log'
import { consumerGroups, sinkGroups, topics, topicSpecs } from '@millrace/events'
import { createLogger } from '@millrace/runtime'
import { LogServer } from './log/log-server.ts'
import { chooseFaultPlan, Faults, type FaultKind } from './machine/faults.ts'
import { History } from './machine/history.ts'
import { Network } from './machine/network.ts'
import { installProcessClock } from './machine/process-clock.ts'
import { Scheduler } from './machine/scheduler.ts'
import { SeededRandom } from './machine/seeded-random.ts'
import { replay } from './pipeline/replay.ts'
import { serviceKinds } from './pipeline/services.ts'
import { chooseSettings } from './pipeline/settings.ts'
import { Supervisor } from './pipeline/supervisor.ts'
import { Visitors } from './pipeline/visitors.ts'
import type { World } from './pipeline/world.ts'
import { rebalance, scheduleWorldFaults } from './pipeline/world-faults.ts'
import type { BrokenPromise } from './promises/broken-promise.ts'
import { brokenPromises } from './promises/broken-promises.ts'
import { consequences, type Consequence } from './promises/consequences.ts'
import { StoreServer } from './store/store-server.ts'

/** Protections of the delivery protocol that lie at its neighbours, all on; a test turns one off. */
export interface Protections {
  /** The store stores a token's rows once. */
  readonly tokens: boolean
  /** The log refuses commits of members that lost the partition. */
  readonly fencing: boolean
  /** What a member is shown of a committed position. */
  readonly shown: (groupId: string, position: CommittedPosition) => CommittedPosition
}

export interface RunResult {
  readonly seed: number
  readonly broken: readonly BrokenPromise[]
  readonly history: History
  /** How often each kind of fault was hit. */
  readonly hits: ReadonlyMap<FaultKind, number>
  readonly consequences: ReadonlyMap<Consequence, number>
  readonly sent: number
  readonly accepted: number
  readonly steps: number
  /** Simulated milliseconds. */
  readonly ms: number
  /** Why processes ended by themselves. */
  readonly failures: readonly string[]
}

const allOn: Protections = { tokens: true, fencing: true, shown: (_, position) => position }
/** In simulated time after the last fault. */
const settleMsMax = 240_000
/** Of a run; most make fewer than 10,000. */
const stepsMax = 400_000
const lookMs = 250
const hourMs = 3_600_000

/** One run: the pipeline under the faults of the seed, then in peace until all is settled, then its promises. */
export async function simulate(seed: number, protections: Partial<Protections> = {}): Promise<RunResult> {
  const run = new Run(seed, { ...allOn, ...protections })
  const putClockBack = installProcessClock(run.world.scheduler)
  try {
    return await run.play()
  } finally {
    putClockBack()
  }
}

const logger = createLogger({ name: 'simulation', level: 'silent' })

class Run {
  readonly world: World
  readonly #seed: number
  readonly #supervisor: Supervisor

  constructor(seed: number, protections: Protections) {
    this.#seed = seed
    const random = new SeededRandom(seed)
    const settings = chooseSettings(random)
    const scheduler = new Scheduler(random, settings.startAt)
    const history = new History(() => scheduler.now)
    const faults = new Faults(random, chooseFaultPlan(random))
    const supervisor = new Supervisor(() => this.world)
    const network = new Network({
      scheduler,
      faults,
      history,
      kill: (process, why) => supervisor.kill(process, why),
      freeze: (process, why) => supervisor.freeze(process, why),
      onWrite: (from) => {
        if (faults.rebalances()) rebalance(this.world, supervisor, from)
      },
    })
    const { tokens, fencing, shown } = protections
    const logServer = new LogServer({ scheduler, network, history, isFencing: fencing, shown })
    const storeServer = new StoreServer({ honoursTokens: tokens })
    this.#supervisor = supervisor
    const servers = { network, logServer, storeServer, disks: new Map() }
    this.world = { random, settings, scheduler, faults, history, logger, ...servers }
  }

  async play(): Promise<RunResult> {
    const { settings, scheduler, random, faults, history } = this.world
    const { partitions } = settings
    const specs = topicSpecs({ partitions, replicationFactor: 1, rawRetentionH: 24, enrichedRetentionH: 72 })
    for (const spec of specs) this.world.logServer.broker.createTopic(spec)
    for (const kind of serviceKinds) {
      for (let member = 0; member < settings[`${kind}s`]; member++) this.#supervisor.add(kind)
    }
    const visitors = new Visitors(this.world, this.#supervisor)
    const broken: BrokenPromise[] = []
    for (let act = 1; act <= settings.acts && broken.length === 0; act++) {
      if (act > 1) this.#passHours(random.whole(1, 30))
      await this.#act(visitors)
      broken.push(...(await this.#settle(visitors)))
    }
    // What a late write has done to a group's positions shows when others go on from them.
    if (broken.length > 0 || random.chance(0.5)) broken.push(...(await this.#restartAll(visitors)))
    broken.push(...brokenPromises(this.world, visitors.sent))
    if (broken.length === 0 && random.chance(0.25)) broken.push(...(await replay(this.world)))
    return {
      seed: this.#seed,
      broken,
      history,
      hits: faults.hits,
      consequences: consequences(this.world, visitors.sent),
      sent: visitors.sent.length,
      accepted: visitors.sent.filter(({ fate }) => fate === 'accepted').length,
      steps: scheduler.stepsMade,
      ms: scheduler.now - settings.startAt,
      failures: this.#supervisor.failures,
    }
  }

  async #act(visitors: Visitors): Promise<void> {
    const { settings, scheduler, faults } = this.world
    faults.begin()
    visitors.send(settings.requestsPerAct, settings.actMs)
    scheduleWorldFaults(this.world, this.#supervisor, settings.actMs)
    await scheduler.runFor(settings.actMs)
  }

  /** Faults end, and everything comes to rest. */
  async #settle(visitors: Visitors): Promise<BrokenPromise[]> {
    const { scheduler, faults, network, history } = this.world
    faults.end()
    history.add('world', 'is healthy again')
    network.heal()
    this.#supervisor.thawAll()
    const deadline = scheduler.now + settleMsMax
    while (visitors.areWaiting || this.#whatIsOpen().length > 0) {
      if (scheduler.now > deadline || scheduler.stepsMade > stepsMax)
        return [{ promise: 'everything settles', detail: this.#whatIsOpen().join('; ') }]
      await scheduler.runFor(lookMs)
      this.#supervisor.reviveThoseWithEvents()
    }
    return []
  }

  async #restartAll(visitors: Visitors): Promise<BrokenPromise[]> {
    this.#supervisor.killAll(['enricher', 'sink'], 'all are restarted')
    return this.#settle(visitors)
  }

  /** All machines sleep, as laptops do; retention does not. */
  #passHours(hours: number): void {
    const { scheduler, history, logServer } = this.world
    history.add('world', `${hours} hours pass`)
    scheduler.jump(hours * hourMs)
    logServer.broker.applyRetention(scheduler.now)
  }

  #whatIsOpen(): string[] {
    const { network, disks } = this.world
    const requests = network.underWay === 0 ? [] : [`${network.underWay} requests are under way`]
    const spilled = [...disks].flatMap(([name, { length }]) =>
      length === 0 ? [] : [`${length} wait on ${name}`],
    )
    return [...this.#supervisor.unsettled, ...requests, ...spilled, ...this.#openPartitions()]
  }

  /** Partitions of which a group has not committed the end. */
  #openPartitions(): string[] {
    const sink = sinkGroups('millrace')
    const groups = [
      [consumerGroups.enricher, topics.raw],
      [sink.events, topics.enriched],
      [sink.deadLetters, topics.deadLetter],
      [sink.books, topics.books],
    ] as const
    return groups.flatMap(([groupId, topic]) => this.world.logServer.openPartitions(groupId, topic))
  }
}

import { topics } from '@millrace/events'
import type { WorldFault } from '../machine/faults.ts'
import type { Cut } from '../machine/network.ts'
import type { SimulatedProcess } from '../machine/simulated-process.ts'
import { serviceKinds, type ServiceKind } from './services.ts'
import type { Supervisor } from './supervisor.ts'
import type { World } from './world.ts'

/** The most processes of a kind. */
const membersMax = 4
const clockStepMsMax = 10_000
const goneMsMax = 15_000
const cutMsMax = 15_000

/** Makes what the seed chose happen at times within the span. */
export function scheduleWorldFaults(world: World, supervisor: Supervisor, spanMs: number): void {
  const { scheduler, random, faults } = world
  for (const fault of faults.plan.worldFaults) {
    scheduler.after(random.between(0, spanMs), () => {
      faults.hit(fault)
      strike(fault, world, supervisor)
    })
  }
}

/** A member joins or leaves while a write of its kind is under way. */
export function rebalance(world: World, supervisor: Supervisor, writer: SimulatedProcess): void {
  const { scheduler, random } = world
  const kind = supervisor.kindOf(writer)
  if (kind === undefined) return
  const way = random.pick(['joins', 'leaves'] as const)
  scheduler.after(random.between(0, 20), () => scale({ kind, way }, supervisor))
}

function strike(fault: WorldFault, world: World, supervisor: Supervisor): void {
  const { random, network, scheduler, history } = world
  const running = supervisor.processes.filter(({ isRunning }) => isRunning)
  const victim = running.length === 0 ? undefined : random.pick(running)
  switch (fault) {
    case 'process killed':
      if (victim !== undefined) supervisor.kill(victim, 'killed')
      return
    case 'process frozen':
      if (victim !== undefined) supervisor.freeze(victim, 'stopped')
      return
    case 'process cut from the log':
      if (victim !== undefined) cut(victim, 'both ways', world)
      return
    case 'process hears nothing from the log':
      if (victim !== undefined) cut(victim, 'answers', world)
      return
    case 'all processes killed':
      supervisor.killAll(['producer', 'enricher', 'sink'], 'all are killed')
      return
    case 'log gone':
    case 'store gone': {
      const server = fault === 'log gone' ? 'log' : 'store'
      history.add(server, 'is gone')
      network.take(server)
      scheduler.after(random.between(200, goneMsMax), () => {
        history.add(server, 'is back')
        network.bringBack(server)
      })
      return
    }
    case 'log stands still':
    case 'store stands still': {
      const server = fault === 'log stands still' ? 'log' : 'store'
      history.add(server, 'stands still')
      network.halt(server)
      scheduler.after(random.between(200, goneMsMax), () => {
        history.add(server, 'goes on')
        network.goOn(server)
      })
      return
    }
    case 'member joins':
    case 'member leaves':
      scale(
        { kind: random.pick(serviceKinds), way: fault === 'member joins' ? 'joins' : 'leaves' },
        supervisor,
      )
      return
    case 'undecodable bytes':
      appendBytes(world)
      return
    case 'clock set': {
      if (victim === undefined) return
      const ms = Math.round(random.between(-clockStepMsMax, clockStepMsMax))
      history.add(victim.name, `sees its clock set by ${ms} ms`)
      victim.clockSkewMs += ms
    }
  }
}

function cut(victim: SimulatedProcess, way: Cut, { random, network, scheduler, history }: World): void {
  history.add(victim.name, `is cut from the log: ${way}`)
  network.cutFromLog(victim, way)
  scheduler.after(random.between(500, cutMsMax), () => network.mend(victim))
}

/** Where there is no room for one more, one goes, and where there is only one, one comes. */
function scale(
  { kind, way }: { readonly kind: ServiceKind; readonly way: 'joins' | 'leaves' },
  supervisor: Supervisor,
): void {
  const count = supervisor.wanted(kind)
  if (count === 1 || (way === 'joins' && count < membersMax)) supervisor.add(kind)
  else supervisor.remove(kind)
}

/** Somebody writes into the topics what is no record of ours. */
function appendBytes({ random, logServer, scheduler, settings, history }: World): void {
  const topic = random.pick([topics.raw, topics.enriched, topics.deadLetter, topics.books])
  const partition = topic === topics.books ? 0 : random.whole(0, settings.partitions - 1)
  const value = Buffer.from(`{"no record": ${random.whole(0, 999)}`)
  const offset = logServer.broker
    .partition(topic, partition)
    .append([{ topic, partition, key: null, value }], scheduler.now)
  history.add('somebody', `appends undecodable bytes at ${topic}-${partition} ${offset}`)
}

import type { ReceivedRequest } from '@millrace/intake'
import type { WireAnswer } from '@millrace/protocols'
import { describeError } from '@millrace/runtime'
import { SimulatedProcess } from '../machine/simulated-process.ts'
import { starters, type Service, type ServiceKind } from './services.ts'
import type { World } from './world.ts'

/** A place that a process of one kind fills; when it dies, the next one takes the place. */
interface Slot {
  readonly kind: ServiceKind
  readonly name: string
  incarnation: number
  process: SimulatedProcess
  service: Service | undefined
  isWanted: boolean
}

const restartMsMin = 200
const restartMsMax = 3_000
const frozenMsMax = 20_000
/** More restarts than that are a process that cannot start. */
const incarnationsMax = 200

/** Starts processes, and starts them again when they end, as an operator's process manager does. */
export class Supervisor {
  readonly #world: () => World
  readonly #slots: Slot[] = []
  /** Why processes ended by themselves. */
  readonly failures: string[] = []

  /** @param world asked when the first process starts: the network needs the supervisor before the world is whole */
  constructor(world: () => World) {
    this.#world = world
  }

  get processes(): readonly SimulatedProcess[] {
    return this.#slots.map(({ process }) => process)
  }

  /** Processes that should run and do not, or the other way round. */
  get unsettled(): string[] {
    return this.#slots.flatMap(({ process, service, isWanted }) => {
      const isSettled = isWanted ? process.isRunning && service !== undefined : process.isDead
      return isSettled ? [] : [`${process.name} is ${process.state}`]
    })
  }

  wanted(kind: ServiceKind): number {
    return this.#slots.filter((slot) => slot.kind === kind && slot.isWanted).length
  }

  add(kind: ServiceKind): void {
    const number = this.#slots.filter((slot) => slot.kind === kind).length + 1
    const name = `${kind}-${number}`
    const process = this.#newProcess(`${name}.1`)
    const slot: Slot = { kind, name, incarnation: 1, process, service: undefined, isWanted: true }
    this.#slots.push(slot)
    this.#start(slot)
  }

  /** One of this kind drains and ends; nobody takes its place. */
  remove(kind: ServiceKind): void {
    const { random, scheduler, history } = this.#world()
    const candidates = this.#slots.filter((slot) => slot.kind === kind && slot.isWanted)
    if (candidates.length <= 1) return
    const slot = random.pick(candidates)
    slot.isWanted = false
    const { process } = slot
    const stop = () => {
      history.add(process.name, 'is told to stop')
      const stopped = () => {
        history.add(process.name, 'has stopped')
        scheduler.kill(process)
      }
      void (slot.service?.stop() ?? Promise.resolve()).then(stopped, (error: unknown) =>
        this.#fail(slot, error),
      )
    }
    scheduler.after(0, stop, { owner: process })
  }

  /** The process ends at once. */
  kill(process: SimulatedProcess, why: string): void {
    const slot = this.#slots.find((candidate) => candidate.process === process)
    if (process.isDead || slot === undefined) return
    const { scheduler, random, history } = this.#world()
    history.add(process.name, `dies: ${why}`)
    scheduler.kill(process)
    slot.service = undefined
    scheduler.after(random.between(restartMsMin, restartMsMax), () => {
      if (slot.isWanted && slot.process === process) this.#restart(slot)
    })
  }

  freeze(process: SimulatedProcess, why: string): void {
    if (!process.isRunning) return
    const { scheduler, random, history } = this.#world()
    const ms = random.chance(0.5) ? random.between(50, 6_000) : random.between(6_000, frozenMsMax)
    history.add(process.name, `freezes for ${Math.round(ms)} ms: ${why}`)
    scheduler.freeze(process)
    scheduler.after(ms, () => this.#thaw(process))
  }

  thawAll(): void {
    for (const process of this.processes) this.#thaw(process)
  }

  /** A request to a producer. Nothing is called back where the process dies first. */
  request(request: ReceivedRequest, onAnswer: (answer: WireAnswer | Error) => void): void {
    const { random, scheduler, network } = this.#world()
    const slots = this.#slots.filter(({ kind, isWanted }) => kind === 'producer' && isWanted)
    const { process, service } = random.pick(slots)
    const send = (answer: WireAnswer | Error) => {
      const leave = () => scheduler.after(network.delay(), () => onAnswer(answer))
      // A process that died or froze in this very step sends nothing, or when it wakes.
      if (process.isRunning) leave()
      else scheduler.after(0, leave, { owner: process })
    }
    const receive = () => {
      if (service?.accept === undefined) return
      void service.accept(request).then(send, send)
    }
    scheduler.after(network.delay(), receive, { owner: process })
  }

  #thaw(process: SimulatedProcess): void {
    if (process.state !== 'frozen') return
    const { scheduler, history } = this.#world()
    history.add(process.name, 'wakes')
    scheduler.thaw(process)
  }

  #restart(slot: Slot): void {
    slot.incarnation++
    if (slot.incarnation > incarnationsMax) throw new Error(`${slot.name} ends again and again`)
    slot.process = this.#newProcess(`${slot.name}.${slot.incarnation}`)
    this.#start(slot)
  }

  #start(slot: Slot): void {
    const world = this.#world()
    const { process } = slot
    world.history.add(process.name, 'starts')
    const start = () => {
      const fail = (error: unknown) => this.#fail(slot, error)
      slot.service = starters[slot.kind]({ world, process, fail })
    }
    world.scheduler.after(0, start, { owner: process })
  }

  #fail(slot: Slot, error: unknown): void {
    const { process } = slot
    if (process.isDead) return
    const why = describeError(error)
    this.failures.push(`${process.name}: ${why}`)
    this.kill(process, `ends by itself: ${why}`)
  }

  #newProcess(name: string): SimulatedProcess {
    const { random, settings } = this.#world()
    const { clockSkewMsMax: skew } = settings
    return new SimulatedProcess(name, Math.round(random.between(-skew, skew)))
  }
}

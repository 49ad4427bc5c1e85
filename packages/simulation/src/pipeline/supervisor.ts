import type { ReceivedRequest } from '@millrace/intake'
import type { WireAnswer } from '@millrace/protocols'
import { describeError } from '@millrace/runtime'
import { SimulatedProcess } from '../machine/simulated-process.ts'
import { starters, type Service, type ServiceKind } from './services.ts'
import type { World } from './world.ts'

/** A place that one process of a kind holds at a time; when that ends, the next one takes the place. */
interface Slot {
  readonly kind: ServiceKind
  readonly name: string
  incarnations: number
  /** Whether somebody is to hold the place. */
  isWanted: boolean
  holder: Member
}

/** A process and what runs in it. One that was taken for dead, and is not, lives beside the new holder of its place. */
interface Member {
  readonly process: SimulatedProcess
  service: Service | undefined
}

const restartMsMin = 200
const restartMsMax = 3_000
const frozenMsMax = 20_000
/** How long a process that was replaced lives on when it wakes. */
const ghostMsMax = 8_000
/** More incarnations than that are a process that cannot start. */
const incarnationsMax = 200

/** Starts processes, and starts them again when they end, as an operator's process manager does. */
export class Supervisor {
  readonly #world: () => World
  readonly #slots: Slot[] = []
  /** Replaced while they were frozen. */
  readonly #ghosts = new Set<Member>()
  /** Why processes ended by themselves. */
  readonly failures: string[] = []

  /** @param world asked when the first process starts: the network needs the supervisor before the world is whole */
  constructor(world: () => World) {
    this.#world = world
  }

  get processes(): readonly SimulatedProcess[] {
    return [...this.#slots.map(({ holder }) => holder), ...this.#ghosts].map(({ process }) => process)
  }

  /** Processes that should run and do not, or the other way round. */
  get unsettled(): string[] {
    const ghosts = [...this.#ghosts].map(({ process }) => `${process.name} is still there`)
    const slots = this.#slots.flatMap(({ holder: { process, service }, isWanted }) => {
      const isSettled = isWanted ? process.isRunning && service !== undefined : process.isDead
      return isSettled ? [] : [`${process.name} is ${process.state}`]
    })
    return [...ghosts, ...slots]
  }

  /** Undefined for one whose place has another holder. */
  kindOf(process: SimulatedProcess): ServiceKind | undefined {
    return this.#slots.find(({ holder }) => holder.process === process)?.kind
  }

  wanted(kind: ServiceKind): number {
    return this.#slots.filter((slot) => slot.kind === kind && slot.isWanted).length
  }

  add(kind: ServiceKind): void {
    const number = this.#slots.filter((slot) => slot.kind === kind).length + 1
    const name = `${kind}-${number}`
    const holder = { process: this.#newProcess(`${name}.1`), service: undefined }
    const slot: Slot = { kind, name, incarnations: 1, isWanted: true, holder }
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
    const { holder } = slot
    const { process } = holder
    const stop = () => {
      history.add(process.name, 'is told to stop')
      const stopped = () => {
        history.add(process.name, 'has stopped')
        scheduler.kill(process)
      }
      const stopping = holder.service?.stop() ?? Promise.resolve()
      void stopping.then(stopped, (error: unknown) => this.#fail(process, error))
    }
    scheduler.after(0, stop, { owner: process })
  }

  /** The process ends at once. */
  kill(process: SimulatedProcess, why: string): void {
    if (process.isDead) return
    const { scheduler, random, history } = this.#world()
    history.add(process.name, `dies: ${why}`)
    scheduler.kill(process)
    for (const ghost of this.#ghosts) if (ghost.process === process) this.#ghosts.delete(ghost)
    const slot = this.#slots.find(({ holder }) => holder.process === process)
    if (slot === undefined) return
    scheduler.after(random.between(restartMsMin, restartMsMax), () => {
      if (slot.isWanted && slot.holder.process === process) this.#replace(slot)
    })
  }

  /** Kills every process of these kinds. */
  killAll(kinds: readonly ServiceKind[], why: string): void {
    for (const { kind, holder } of this.#slots) if (kinds.includes(kind)) this.kill(holder.process, why)
  }

  /** For a time; the operator may take it for dead meanwhile and put another in its place. */
  freeze(process: SimulatedProcess, why: string): void {
    if (!process.isRunning) return
    const { scheduler, random, history } = this.#world()
    const ms = random.chance(0.5) ? random.between(50, 6_000) : random.between(6_000, frozenMsMax)
    history.add(process.name, `freezes for ${Math.round(ms)} ms: ${why}`)
    scheduler.freeze(process)
    scheduler.after(ms, () => this.#thaw(process))
    if (random.chance(0.3)) scheduler.after(random.between(0, ms), () => this.#takeForDead(process))
  }

  thawAll(): void {
    for (const process of this.processes) this.#thaw(process)
  }

  /** A request to a producer. Nothing is called back where the process dies first. */
  request(request: ReceivedRequest, onAnswer: (answer: WireAnswer | Error) => void): void {
    const { random, scheduler, network } = this.#world()
    const slots = this.#slots.filter(({ kind, isWanted }) => kind === 'producer' && isWanted)
    const { process, service } = random.pick(slots).holder
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

  #takeForDead(process: SimulatedProcess): void {
    const slot = this.#slots.find(({ holder }) => holder.process === process)
    if (process.state !== 'frozen' || slot?.isWanted !== true) return
    const { scheduler, random, history } = this.#world()
    history.add(process.name, 'is taken for dead')
    this.#ghosts.add(slot.holder)
    this.#replace(slot)
    const end = () => this.kill(process, 'nobody wanted it any more')
    // The time runs for the process, so it begins when it wakes.
    scheduler.after(0, () => scheduler.after(random.between(0, ghostMsMax), end), { owner: process })
  }

  #replace(slot: Slot): void {
    slot.incarnations++
    if (slot.incarnations > incarnationsMax) throw new Error(`${slot.name} ends again and again`)
    slot.holder = { process: this.#newProcess(`${slot.name}.${slot.incarnations}`), service: undefined }
    this.#start(slot)
  }

  /** Places that were given up, with events on the disk that were accepted: somebody has to bring them to the log. */
  reviveThoseWithEvents(): void {
    const { disks } = this.#world()
    for (const slot of this.#slots) {
      const isLeft = !slot.isWanted && slot.holder.process.isDead
      if (!isLeft || (disks.get(this.#dataDirectory(slot))?.length ?? 0) === 0) continue
      slot.isWanted = true
      this.#replace(slot)
    }
  }

  #dataDirectory({ kind, name }: Pick<Slot, 'kind' | 'name'>): string {
    return this.#world().settings.sharesDataDirectory ? kind : name
  }

  #start(slot: Slot): void {
    const { kind, holder } = slot
    const world = this.#world()
    const { process } = holder
    world.history.add(process.name, 'starts')
    const start = () => {
      const fail = (error: unknown) => this.#fail(process, error)
      holder.service = starters[kind]({ world, process, dataDirectory: this.#dataDirectory(slot), fail })
    }
    world.scheduler.after(0, start, { owner: process })
  }

  #fail(process: SimulatedProcess, error: unknown): void {
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

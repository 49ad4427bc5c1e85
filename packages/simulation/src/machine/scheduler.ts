import { SeededRandom } from './seeded-random.ts'
import type { SimulatedProcess, Task } from './simulated-process.ts'
import { TaskQueue } from './task-queue.ts'

/** What a step may be besides its delay and its work. */
export interface TaskOptions {
  readonly owner?: SimulatedProcess
  readonly kind?: Task['kind']
}

const endOfTurn = setImmediate

/**
 * The one clock and the one queue of a run. Steps happen one after the other in the order of their times; a step of a
 * process includes all promise reactions that follow from it, so between two steps every process stands still, and that
 * is where it can be killed or frozen.
 */
export class Scheduler {
  readonly random: SeededRandom
  /** The process whose step is being made. */
  current: SimulatedProcess | undefined
  stepsMade = 0
  readonly #queue = new TaskQueue()
  #now: number
  #order = 0

  /** @param startAt Unix milliseconds */
  constructor(random: SeededRandom, startAt: number) {
    this.random = random
    this.#now = startAt
  }

  /** Unix milliseconds of the world; processes may see a skewed clock. */
  get now(): number {
    return this.#now
  }

  after(delayMs: number, run: () => void, { owner, kind = 'message' }: TaskOptions = {}): Task {
    const at = this.#now + Math.max(0, delayMs)
    const task: Task = { at, order: this.#order++, owner, kind, run }
    this.#queue.push(task)
    return task
  }

  cancel(task: Task): void {
    task.run = undefined
  }

  /** Lets time pass at once, as when all machines are suspended: what came due meanwhile happens then. */
  jump(ms: number): void {
    this.#now += ms
  }

  freeze(process: SimulatedProcess): void {
    if (process.isRunning) process.state = 'frozen'
  }

  /** What came due meanwhile happens now: expired timers first, or messages first, or as they came. */
  thaw(process: SimulatedProcess): void {
    if (process.state !== 'frozen') return
    process.state = 'running'
    const { held } = process
    process.held = []
    const first = this.random.pick(['timer', 'message', undefined] as const)
    const inOrder = [
      ...held.filter(({ kind }) => kind === first),
      ...held.filter(({ kind }) => kind !== first),
    ]
    for (const task of inOrder) {
      task.at = this.#now
      task.order = this.#order++
      this.#queue.push(task)
    }
  }

  kill(process: SimulatedProcess): void {
    process.state = 'dead'
    process.held = []
  }

  /** Makes all steps of this span of time. */
  async runFor(ms: number): Promise<void> {
    const end = this.#now + ms
    for (let task = this.#queue.first; task !== undefined && task.at <= end; task = this.#queue.first) {
      this.#queue.pop()
      this.#now = Math.max(this.#now, task.at)
      await this.#make(task)
    }
    this.#now = Math.max(this.#now, end)
  }

  async #make(task: Task): Promise<void> {
    const { owner, run } = task
    if (run === undefined || owner?.isDead === true) return
    if (owner?.state === 'frozen') {
      owner.held.push(task)
      return
    }
    task.run = undefined
    this.stepsMade++
    if (owner === undefined) {
      run()
      return
    }
    this.current = owner
    try {
      run()
      await new Promise<void>((resolve) => endOfTurn(resolve))
    } finally {
      this.current = undefined
    }
  }
}

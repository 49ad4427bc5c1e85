/** Something that runs production code and can be killed or frozen between any two of its steps. */
export class SimulatedProcess {
  readonly name: string
  /** How far its wall clock is ahead, milliseconds. */
  clockSkewMs: number
  state: 'running' | 'frozen' | 'dead' = 'running'
  /** What came due while it was frozen. */
  held: Task[] = []

  constructor(name: string, clockSkewMs: number) {
    this.name = name
    this.clockSkewMs = clockSkewMs
  }

  get isRunning(): boolean {
    return this.state === 'running'
  }

  get isDead(): boolean {
    return this.state === 'dead'
  }
}

/** A step that is due at a time: a timer of a process, a message that arrives, something the world does. */
export interface Task {
  at: number
  /** Decides between equal times. */
  order: number
  /** Whose code it runs; undefined for what belongs to no process: servers, network, faults. */
  readonly owner: SimulatedProcess | undefined
  readonly kind: 'timer' | 'message'
  /** Undefined once done or cancelled. */
  run: (() => void) | undefined
}

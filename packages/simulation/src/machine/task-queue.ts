import type { Task } from './simulated-process.ts'

/** A binary heap: the earliest task first, of equal times the one that was added first. */
export class TaskQueue {
  readonly #tasks: Task[] = []

  push(task: Task): void {
    const tasks = this.#tasks
    let index = tasks.length
    tasks.push(task)
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = tasks[above]
      if (parent === undefined || isBefore(parent, task)) break
      tasks[index] = parent
      index = above
    }
    tasks[index] = task
  }

  get first(): Task | undefined {
    return this.#tasks[0]
  }

  pop(): Task | undefined {
    const tasks = this.#tasks
    const first = tasks[0]
    const last = tasks.pop()
    if (first === undefined || last === undefined || first === last) return first
    let index = 0
    for (;;) {
      let below = 2 * index + 1
      const left = tasks[below]
      if (left === undefined) break
      const right = tasks[below + 1]
      const child = right !== undefined && isBefore(right, left) ? right : left
      if (child === right) below++
      if (isBefore(last, child)) break
      tasks[index] = child
      index = below
    }
    tasks[index] = last
    return first
  }
}

function isBefore(one: Task, other: Task): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}

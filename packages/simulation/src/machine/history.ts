import { createHash } from 'node:crypto'

/** What happened in a run, a line for each step that matters. */
export class History {
  readonly #lines: string[] = []
  readonly #startAt: number
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
    this.#startAt = now()
  }

  add(who: string, what: string): void {
    const seconds = ((this.#now() - this.#startAt) / 1000).toFixed(3)
    this.#lines.push(`${seconds.padStart(9)} ${who.padEnd(12)} ${what}`)
  }

  /** Two runs with equal hashes went step by step the same way. */
  get hash(): string {
    return createHash('sha256').update(this.#lines.join('\n')).digest('hex').slice(0, 16)
  }

  get length(): number {
    return this.#lines.length
  }

  /** The last lines, with how many are left out before them. */
  text(linesMax: number): string {
    const leftOut = this.#lines.length - linesMax
    const shown = this.#lines.slice(-linesMax).join('\n')
    return leftOut > 0 ? `... ${leftOut} lines before\n${shown}` : shown
  }
}

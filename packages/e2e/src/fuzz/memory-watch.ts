import { readFileSync } from 'node:fs'

/** What a median may grow by between the second third of a run and the last. */
const growthShareMax = 0.15
const growthBytesMax = 64 * 1024 * 1024

export interface MemoryGrowth {
  readonly middleBytes: number
  readonly lastBytes: number
  readonly isBounded: boolean
}

/** Memory of a process that is its own, over a run: pages of mapped files, such as the log's, are not counted. */
export class MemoryWatch {
  readonly #pid: number
  readonly #samples: { readonly share: number; readonly bytes: number }[] = []

  constructor(pid: number) {
    this.#pid = pid
  }

  /** @param share of the run that is done, 0 to 1 */
  look(share: number): void {
    const bytes = anonymousBytes(this.#pid)
    if (bytes !== undefined) this.#samples.push({ share, bytes })
  }

  /** Undefined where there is no `/proc`, or the run was too short for it. */
  growth(): MemoryGrowth | undefined {
    const median = (from: number, to: number): number | undefined => {
      const found = this.#samples.filter(({ share }) => share >= from && share < to).map(({ bytes }) => bytes)
      return found.toSorted((a, b) => a - b)[Math.floor(found.length / 2)]
    }
    const middleBytes = median(1 / 3, 2 / 3)
    const lastBytes = median(2 / 3, Infinity)
    if (middleBytes === undefined || lastBytes === undefined) return undefined
    const bytesMax = middleBytes + Math.max(growthBytesMax, growthShareMax * middleBytes)
    return { middleBytes, lastBytes, isBounded: lastBytes <= bytesMax }
  }
}

function anonymousBytes(pid: number): number | undefined {
  try {
    const kibibytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1]
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1_024
  } catch {
    return undefined
  }
}

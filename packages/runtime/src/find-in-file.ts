import { open } from 'node:fs/promises'

/** Bytes that are read at a time. */
const windowBytesDefault = 4 * 1024 * 1024

export interface Find {
  /** Which of the needles. */
  readonly needle: Buffer
  /** Byte offset in the file. */
  readonly at: number
}

/**
 * Every place in the file where one of the needles lies, in bounded memory; a window at a time, so in no order within one.
 * @param options.onRead told the bytes of each step
 */
export async function* findInFile(
  path: string,
  needles: readonly Buffer[],
  options: { readonly windowBytes?: number; readonly onRead?: (bytes: number) => void } = {},
): AsyncGenerator<Find> {
  const overlap = Math.max(1, ...needles.map((needle) => needle.length)) - 1
  const window = Buffer.alloc((options.windowBytes ?? windowBytesDefault) + overlap)
  const file = await open(path, 'r')
  try {
    let kept = 0
    for (let start = 0; ;) {
      const { bytesRead } = await file.read(window, kept, window.length - kept, start + kept)
      if (bytesRead === 0) return
      options.onRead?.(bytesRead)
      const filled = window.subarray(0, kept + bytesRead)
      for (const needle of needles) {
        // What lies wholly in the part kept was found in the last window.
        const from = Math.max(0, kept - needle.length + 1)
        for (let at = filled.indexOf(needle, from); at >= 0; at = filled.indexOf(needle, at + 1)) {
          yield { needle, at: start + at }
        }
      }
      const next = Math.min(overlap, filled.length)
      filled.copy(window, 0, filled.length - next)
      start += filled.length - next
      kept = next
    }
  } finally {
    await file.close()
  }
}

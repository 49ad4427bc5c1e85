import { stat } from 'node:fs/promises'
import { describeError } from '@millrace/runtime'

/** What a look at the files found. */
export type Look =
  | { readonly kind: 'same' }
  | { readonly kind: 'reloaded' }
  | { readonly kind: 'refused'; readonly error: Error }

const same: Look = { kind: 'same' }

/**
 * Data that was read from files, and is read again when one of them changes. A version is read when two looks in a row have
 * found the same change, so that a file that is being written is left to its writer; one that cannot be used is refused once,
 * and the data before is kept.
 */
export class WatchedData<Data> {
  readonly #files: () => Promise<readonly string[]>
  readonly #read: (files: readonly string[]) => Promise<Data>
  #current: Data
  /** Of the version in use, or the last one refused. */
  #settledMark: string
  #seenMark: string

  private constructor(
    files: () => Promise<readonly string[]>,
    read: (files: readonly string[]) => Promise<Data>,
    first: { readonly data: Data; readonly mark: string },
  ) {
    this.#files = files
    this.#read = read
    this.#current = first.data
    this.#settledMark = first.mark
    this.#seenMark = first.mark
  }

  /**
   * @param files the files now: a folder's may become more or fewer
   * @throws what `read` throws of the first version
   */
  static async open<Data>(
    files: () => Promise<readonly string[]>,
    read: (files: readonly string[]) => Promise<Data>,
  ): Promise<WatchedData<Data>> {
    // The mark first: a change while it is read is a change.
    const names = await files()
    const mark = await markOf(names)
    return new WatchedData(files, read, { data: await read(names), mark })
  }

  get current(): Data {
    return this.#current
  }

  async look(): Promise<Look> {
    const names = await this.#files().catch((error: unknown) => new Error(describeError(error)))
    const mark = names instanceof Error ? `unreadable ${names.message}` : await markOf(names)
    const wasSeen = mark === this.#seenMark
    this.#seenMark = mark
    if (mark === this.#settledMark || !wasSeen) return same
    this.#settledMark = mark
    if (names instanceof Error) return { kind: 'refused', error: names }
    try {
      const data = await this.#read(names)
      if ((await markOf(names)) !== mark) {
        // It changed while it was read: what was read may be half of each.
        this.#settledMark = ''
        return same
      }
      this.#current = data
      return { kind: 'reloaded' }
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(describeError(cause))
      return { kind: 'refused', error }
    }
  }
}

/** Identity, size and times of each file; a file that is gone has a mark of its own. */
async function markOf(files: readonly string[]): Promise<string> {
  const marks = await Promise.all(
    files.map(async (file) => {
      const found = await stat(file, { bigint: true }).catch(() => undefined)
      if (found === undefined) return `${file} gone`
      const { dev, ino, size, mtimeNs, ctimeNs } = found
      return [file, dev, ino, size, mtimeNs, ctimeNs].join(':')
    }),
  )
  return marks.join('\n')
}

import { LRUCache } from 'lru-cache'

/** What an entry takes besides its text, in bytes: the cache's own fields and a small value. Measured below 400. */
const entryOverheadBytes = 400

/** Remembers what was found for texts that clients choose: the least recently used go, by number and by bytes. */
export class TextCache<Found extends object | string> {
  readonly #found: LRUCache<string, Found>

  constructor(options: { readonly entriesMax: number; readonly bytesMax: number }) {
    this.#found = new LRUCache({
      max: options.entriesMax,
      maxSize: options.bytesMax,
      // Two bytes a character: V8 takes one for Latin text, two else.
      sizeCalculation: (_, text) => entryOverheadBytes + 2 * text.length,
    })
  }

  get(text: string): Found | undefined {
    return this.#found.get(text)
  }

  set(text: string, found: Found): void {
    this.#found.set(detached(text), found)
  }

  /** Upper bound of the bytes taken. */
  get bytes(): number {
    return this.#found.calculatedSize
  }

  get entries(): number {
    return this.#found.size
  }
}

/** A copy: what V8 cuts or joins holds on to the texts it came from, which may be far longer. */
function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le')
}

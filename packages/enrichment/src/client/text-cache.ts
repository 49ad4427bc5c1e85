/** What an entry takes besides its text, in bytes: the map's own fields and a small value. Measured below 400. */
const entryOverheadBytes = 400

interface Entry<Found> {
  readonly text: string
  readonly found: Found
  readonly bytes: number
}

/**
 * Remembers what was found for texts that clients choose, within a number of entries and of bytes. In two generations, each
 * of half the size: what is asked for again moves to the young one, and when that is full the old one goes. So the half
 * that was used last is always there, and finding it writes nothing, unlike the order of an LRU list.
 */
export class TextCache<Found extends object | string> {
  readonly #entriesMax: number
  readonly #bytesMax: number
  #young = new Map<string, Entry<Found>>()
  #old = new Map<string, Entry<Found>>()
  #youngBytes = 0
  #oldBytes = 0

  constructor(options: { readonly entriesMax: number; readonly bytesMax: number }) {
    this.#entriesMax = Math.max(1, Math.floor(options.entriesMax / 2))
    this.#bytesMax = options.bytesMax / 2
  }

  get(text: string): Found | undefined {
    const young = this.#young.get(text)
    if (young !== undefined) return young.found
    const entry = this.#old.get(text)
    if (entry !== undefined) this.#put(entry)
    return entry?.found
  }

  /** @param foundBytes what is found takes more than a small value does */
  set(text: string, found: Found, foundBytes = 0): void {
    // Two bytes a character: V8 takes one for Latin text, two else.
    const bytes = entryOverheadBytes + 2 * text.length + foundBytes
    if (bytes <= this.#bytesMax) this.#put({ text: detached(text), found, bytes })
  }

  clear(): void {
    this.#age()
    this.#age()
  }

  /** Upper bound of the bytes taken. */
  get bytes(): number {
    return this.#youngBytes + this.#oldBytes
  }

  get entries(): number {
    return this.#young.size + this.#old.size
  }

  #put(entry: Entry<Found>): void {
    const isFull = this.#young.size >= this.#entriesMax || this.#youngBytes + entry.bytes > this.#bytesMax
    if (isFull) this.#age()
    this.#young.set(entry.text, entry)
    this.#youngBytes += entry.bytes
  }

  #age(): void {
    this.#old = this.#young
    this.#oldBytes = this.#youngBytes
    this.#young = new Map<string, Entry<Found>>()
    this.#youngBytes = 0
  }
}

/** A copy: what V8 cuts or joins holds on to the texts it came from, which may be far longer. */
function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le')
}

/** One line of the file, by its place in it. */
export interface SourceLine {
  /** From 1. */
  readonly number: number
  /** Byte at which it begins, and the byte behind its line break. */
  readonly start: number
  readonly end: number
  /** Without its line break; undefined where it is longer than the limit. */
  readonly bytes: Buffer | undefined
}

const lineBreak = 0x0a

/** Cuts a stream of bytes into lines; holds no more of a line than the limit. */
export class LineSplitter {
  readonly #lineBytesMax: number
  #number: number
  #start: number
  #end: number
  #pieces: Buffer[] = []
  #piecesBytes = 0
  #isTooLong = false

  /** @param options.lines lines before the first byte that is pushed, which is at `position` */
  constructor(options: { readonly position: number; readonly lines: number; readonly lineBytesMax: number }) {
    this.#lineBytesMax = options.lineBytesMax
    this.#number = options.lines + 1
    this.#start = options.position
    this.#end = options.position
  }

  *push(chunk: Buffer): Generator<SourceLine> {
    for (let from = 0; from < chunk.length;) {
      const at = chunk.indexOf(lineBreak, from)
      const to = at === -1 ? chunk.length : at
      this.#keep(chunk.subarray(from, to))
      if (at === -1) return
      this.#end++
      yield this.#cut()
      from = at + 1
    }
  }

  /** The last line, where no line break ends it. */
  *end(): Generator<SourceLine> {
    if (this.#end > this.#start) yield this.#cut()
  }

  #keep(piece: Buffer): void {
    this.#end += piece.length
    this.#piecesBytes += piece.length
    if (this.#piecesBytes > this.#lineBytesMax) {
      this.#isTooLong = true
      this.#pieces = []
    } else if (!this.#isTooLong) this.#pieces.push(piece)
  }

  #cut(): SourceLine {
    const [first] = this.#pieces
    const whole = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces)
    const bytes = this.#isTooLong ? undefined : whole
    const line = { number: this.#number, start: this.#start, end: this.#end, bytes }
    this.#number++
    this.#start = this.#end
    this.#pieces = []
    this.#piecesBytes = 0
    this.#isTooLong = false
    return line
  }
}

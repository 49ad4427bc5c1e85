/** Zigzag varints of the record format: signed, seven bits a byte, least significant first. */

/** @param value a safe integer within 32 bits */
export function varintSize(value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  let size = 1
  while (rest >= 0x80) {
    rest >>>= 7
    size++
  }
  return size
}

/** @returns the place after it */
export function writeVarint(target: Buffer, at: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  let place = at
  while (rest >= 0x80) {
    target[place++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  target[place++] = rest
  return place
}

/** Reads varints one after the other. Values up to 2^53, which a timestamp's difference may need. */
export class VarintReader {
  readonly #source: Buffer
  at: number

  constructor(source: Buffer, at = 0) {
    this.#source = source
    this.at = at
  }

  next(): number {
    let factor = 1
    let zigzag = 0
    for (;;) {
      const byte = this.#source[this.at++]
      if (byte === undefined) throw new RangeError('a record ends too soon')
      zigzag += (byte & 0x7f) * factor
      if (byte < 0x80) break
      factor *= 0x80
    }
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
  }
}

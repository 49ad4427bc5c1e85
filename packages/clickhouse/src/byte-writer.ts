import { StoreError } from './store-error.ts'

const bytesAtStartDefault = 1 << 20
/** Below this length a loop over ASCII characters beats the call into Buffer. */
const loopedStringLengthMax = 32

/** A growing, reusable buffer of little-endian values, as ClickHouse's binary formats have them. */
export class ByteWriter {
  #bytes: Buffer
  #view: DataView
  #length = 0
  readonly #bytesMax: number

  constructor(bytesMax: number, bytesAtStart = bytesAtStartDefault) {
    this.#bytesMax = bytesMax
    this.#bytes = Buffer.allocUnsafeSlow(bytesAtStart)
    this.#view = viewOf(this.#bytes)
  }

  get capacity(): number {
    return this.#bytes.length
  }

  get length(): number {
    return this.#length
  }

  clear(): void {
    this.#length = 0
  }

  /** What was written, as a view: valid until the next `clear`. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  uint8(value: number): void {
    const at = this.#claim(1)
    this.#bytes[at] = value
  }

  uint16(value: number): void {
    const at = this.#claim(2)
    this.#view.setUint16(at, value, true)
  }

  uint32(value: number): void {
    const at = this.#claim(4)
    this.#view.setUint32(at, value, true)
  }

  /** A 64-bit value by its two halves; a negative one in two's complement. */
  halves(upper: number, lower: number): void {
    const at = this.#claim(8)
    this.#view.setUint32(at, lower, true)
    this.#view.setUint32(at + 4, upper, true)
  }

  /** A safe integer as 64 bits. */
  int64(value: number): void {
    this.halves(Math.floor(value / 4294967296), value)
  }

  varUint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.uint8((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.uint8(rest)
  }

  /** Length and UTF-8 bytes; a lone surrogate becomes U+FFFD. */
  string(value: string): void {
    if (value.length > loopedStringLengthMax || !this.#shortAscii(value)) this.#anyString(value)
  }

  buffer(value: Buffer): void {
    this.varUint(value.length)
    this.raw(value)
  }

  /** Bytes as they are, without their number. */
  raw(value: Buffer): void {
    const at = this.#claim(value.length)
    value.copy(this.#bytes, at)
  }

  /** Appends the first values of a list, each in `width` bytes. */
  indexes(values: Uint32Array, count: number, width: 1 | 2 | 4): void {
    const start = this.#claim(count * width)
    for (let index = 0; index < count; index++) {
      const value = values[index] ?? 0
      if (width === 1) this.#bytes[start + index] = value
      else if (width === 2) this.#view.setUint16(start + index * 2, value, true)
      else this.#view.setUint32(start + index * 4, value, true)
    }
  }

  /** @returns false, with nothing written, when a character is not ASCII. */
  #shortAscii(value: string): boolean {
    const { length } = value
    const at = this.#claim(length + 1)
    const bytes = this.#bytes
    bytes[at] = length
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index)
      if (code > 0x7f) {
        this.#length = at
        return false
      }
      bytes[at + 1 + index] = code
    }
    return true
  }

  #anyString(value: string): void {
    const byteLength = Buffer.byteLength(value)
    this.varUint(byteLength)
    const at = this.#claim(byteLength)
    this.#bytes.write(value, at, byteLength, 'utf8')
  }

  /** @returns where the next `count` bytes go. Call it on a line of its own: it may replace buffer and view. */
  #claim(count: number): number {
    const at = this.#length
    const end = at + count
    if (end > this.#bytes.length) this.#grow(end)
    this.#length = end
    return at
  }

  #grow(bytesNeeded: number): void {
    if (bytesNeeded > this.#bytesMax) {
      throw new StoreError(`an insert would be larger than ${this.#bytesMax} bytes`, {
        code: 'BATCH_TOO_LARGE',
      })
    }
    const bytes = Buffer.allocUnsafeSlow(
      Math.min(this.#bytesMax, Math.max(bytesNeeded, this.#bytes.length * 2)),
    )
    this.#bytes.copy(bytes, 0, 0, this.#length)
    this.#bytes = bytes
    this.#view = viewOf(bytes)
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

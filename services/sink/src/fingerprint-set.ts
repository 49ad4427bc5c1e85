/** Of the slots; beyond, the set grows to twice as many. */
const fillMax = 0.75
const slotsAtStart = 16

/** A growing set of 32-bit numbers that are hashes already, in 5 to 11 bytes each: open addressing, linear probing. */
export class FingerprintSet {
  #slots = new Uint32Array(slotsAtStart)
  #size = 0

  get size(): number {
    return this.#size
  }

  has(fingerprint: number): boolean {
    return this.#slots[slotOf(fingerprint, this.#slots)] !== 0
  }

  add(fingerprint: number): void {
    const slot = slotOf(fingerprint, this.#slots)
    if (this.#slots[slot] !== 0) return
    this.#slots[slot] = kept(fingerprint)
    this.#size += 1
    if (this.#size > this.#slots.length * fillMax) this.#grow()
  }

  #grow(): void {
    const slots = new Uint32Array(this.#slots.length * 2)
    for (const fingerprint of this.#slots) {
      if (fingerprint !== 0) slots[slotOf(fingerprint, slots)] = fingerprint
    }
    this.#slots = slots
  }
}

/** 0 is an empty slot, so it is kept as 1. */
function kept(fingerprint: number): number {
  return fingerprint === 0 ? 1 : fingerprint >>> 0
}

/** Where it lies, or the empty slot where it belongs. */
function slotOf(fingerprint: number, slots: Uint32Array): number {
  const wanted = kept(fingerprint)
  const mask = slots.length - 1
  let slot = wanted & mask
  while (slots[slot] !== 0 && slots[slot] !== wanted) slot = (slot + 1) & mask
  return slot
}

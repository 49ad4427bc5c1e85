/** The npm package `siphash`, without types of its own; tests compare ours with it. */
declare module 'siphash' {
  const siphash: {
    string16_to_key(text: string): Uint32Array
    hash_hex(key: Uint32Array, message: Uint8Array): string
  }
  export = siphash
}

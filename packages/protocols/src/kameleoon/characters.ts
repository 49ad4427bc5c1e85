/** Whether the text has more Unicode code points than so many: what JSON Schema's `maxLength` counts. */
export function exceedsChars(text: string, charsMax: number): boolean {
  if (text.length <= charsMax) return false
  // A code point has at most two UTF-16 units.
  return text.length > 2 * charsMax || Array.from(text).length > charsMax
}

/** The text's first UTF-16 units, at most so many, never half a pair. */
export function cutUnits(text: string, unitsMax: number): string {
  if (text.length <= unitsMax) return text
  const last = text.charCodeAt(unitsMax - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? unitsMax - 1 : unitsMax)
}

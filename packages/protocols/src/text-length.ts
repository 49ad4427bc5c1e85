const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** A cluster has no length limit of its own, so both are needed to keep a text storable. */
export interface TextLimits {
  /** Grapheme clusters, what a reader calls characters. */
  readonly graphemesMax: number
  /** Of UTF-8. */
  readonly bytesMax: number
}

/** Whether the text's UTF-8 is longer than so many bytes. */
export function exceedsBytes(text: string, bytesMax: number): boolean {
  if (text.length > bytesMax) return true
  // One UTF-16 unit is at most three bytes of UTF-8.
  return text.length * 3 > bytesMax && Buffer.byteLength(text) > bytesMax
}

/** Whether the text is longer than either limit. */
export function exceedsText(text: string, limits: TextLimits): boolean {
  if (text.length <= limits.graphemesMax) return exceedsBytes(text, limits.bytesMax)
  return cutEnd(text, limits) < text.length
}

/** The text's first grapheme clusters, as many as fit in both limits; it is never cut inside a cluster. */
export function cutText(text: string, limits: TextLimits): string {
  return exceedsText(text, limits) ? text.slice(0, cutEnd(text, limits)) : text
}

/**
 * The text's first code points, as many as fit in so many bytes of UTF-8. Finding clusters costs about a microsecond each;
 * this is for bodies that may hold hundreds of such texts.
 */
export function cutBytes(text: string, bytesMax: number): string {
  if (!exceedsBytes(text, bytesMax)) return text
  const bytes = Buffer.from(text.slice(0, bytesMax + 1))
  let end = bytesMax
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end-- // inside a code point
  return bytes.toString('utf8', 0, end)
}

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

/** Where the clusters that fit end, in UTF-16 units. */
function cutEnd(text: string, { graphemesMax, bytesMax }: TextLimits): number {
  // Between two visible ASCII characters there is always a border, so plain text needs no segmenter.
  const plain = text.slice(0, graphemesMax + 1)
  if (plain.length <= bytesMax && /^[\x20-\x7e]*$/.test(plain)) return Math.min(graphemesMax, text.length)
  // A unit is at least a byte: what lies beyond cannot fit, and a cluster cut here does not fit either.
  const window = text.slice(0, bytesMax + 1)
  let graphemes = 0
  let bytes = 0
  let end = 0
  for (const { segment } of segmenter.segment(window)) {
    graphemes++
    bytes += Buffer.byteLength(segment)
    if (graphemes > graphemesMax || bytes > bytesMax) break
    end += segment.length
  }
  return end
}

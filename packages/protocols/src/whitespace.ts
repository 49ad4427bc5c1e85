/** Unicode's White_Space property: JavaScript's `trim` lacks U+0085 and takes U+FEFF too. */
const whitespace = new Set(
  [...Array(5).keys()]
    .map((index) => 0x09 + index)
    .concat([0x20, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000])
    .concat([...Array(11).keys()].map((index) => 0x2000 + index)),
)

/** Empty, or nothing but whitespace. */
export function isBlank(text: string): boolean {
  return firstInk(text) === text.length
}

export function trim(text: string): string {
  return trimEnd(text.slice(firstInk(text)))
}

/** A loop and not a pattern: `/\s+$/` is quadratic on a run of blanks inside the text. */
export function trimEnd(text: string): string {
  let end = text.length
  while (end > 0 && isWhitespace(text.charCodeAt(end - 1))) end--
  return text.slice(0, end)
}

function firstInk(text: string): number {
  let start = 0
  while (start < text.length && isWhitespace(text.charCodeAt(start))) start++
  return start
}

function isWhitespace(code: number): boolean {
  if (code > 0x20 && code < 0x80) return false
  return whitespace.has(code)
}

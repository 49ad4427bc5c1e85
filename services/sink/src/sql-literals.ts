/** Values inside the text of a query: parameters travel in the URL, which is too short for many. */

/** Unix seconds; what a `DateTime` cannot hold becomes its first or last instant. */
export function timeLiteral(seconds: number): string {
  return `toDateTime(${heldSecond(seconds)}, 'UTC')`
}

/** The least id of a session that starts at this time, Unix seconds. */
export function sessionIdLiteral(start: number): string {
  return (BigInt(heldSecond(start)) << 32n).toString()
}

function heldSecond(seconds: number): number {
  const [min, max] = [0, 2 ** 32 - 1]
  return Math.min(max, Math.max(min, Math.floor(seconds)))
}

/** Control characters are escaped too: a NUL would end the query. */
export function textLiteral(text: string): string {
  // eslint-disable-next-line no-control-regex
  const escaped = text.replaceAll(/[\\'\u0000-\u001f]/g, (character) =>
    character < ' ' ? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}` : `\\${character}`,
  )
  return `'${escaped}'`
}

/** @param id 16 hex digits, for a `UInt64` */
export function idLiteral(id: string): string {
  return BigInt(`0x${id}`).toString()
}

/** Seconds from 2000 to 2106, where ClickHouse's DateTime ends. The same span in milliseconds lies far above. */
const secondsMin = 946_684_800
const secondsMax = 4_294_967_295

/** The span in which a time is one, Unix milliseconds. */
export const instantMin = secondsMin * 1000
export const instantMax = secondsMax * 1000

/** Unix milliseconds from a number of seconds or milliseconds, whichever is a time from 2000 to 2106; undefined for neither. */
export function instantOfNumber(given: number): number | undefined {
  if (given >= secondsMin && given <= secondsMax) return Math.round(given * 1000)
  return given >= instantMin && given <= instantMax ? Math.floor(given) : undefined
}

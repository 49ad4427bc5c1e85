/** Events a second that were offered, and whether the pipeline kept up. */
export interface TriedLoad {
  readonly offered: number
  readonly isSustained: boolean
}

const firstLoad = 1_000
const loadMin = 100
const loadMax = 128_000
/** Between the highest load that is sustained and the lowest that is not, the search ends at this ratio. */
const bracketRatioMax = 1.3

/**
 * The next load in the search for the highest that is sustained: twice as much until it is too much, then between.
 * @returns undefined when it is known closely enough
 */
export function nextLoad(tried: readonly TriedLoad[]): number | undefined {
  if (tried.length === 0) return firstLoad
  const tooMuch = Math.min(...tried.filter(({ isSustained }) => !isSustained).map(({ offered }) => offered))
  const sustained = highestSustained(tried)
  if (sustained === undefined) return tooMuch / 2 < loadMin ? undefined : tooMuch / 2
  if (tooMuch === Infinity) return sustained >= loadMax ? undefined : sustained * 2
  return tooMuch / sustained <= bracketRatioMax ? undefined : rounded(Math.sqrt(tooMuch * sustained))
}

/** The highest load that was sustained, below every one that was not. */
export function highestSustained(tried: readonly TriedLoad[]): number | undefined {
  const tooMuch = Math.min(...tried.filter(({ isSustained }) => !isSustained).map(({ offered }) => offered))
  const sustained = tried.filter(({ offered, isSustained }) => isSustained && offered < tooMuch)
  return sustained.length === 0 ? undefined : Math.max(...sustained.map(({ offered }) => offered))
}

/** To three figures: coarser, and a load between two others could be one of them. */
function rounded(load: number): number {
  return Number(load.toPrecision(3))
}

/** Inserts are a second or so apart: what waits for one is no backlog. */
const backlogSecondsMax = 2.5
const acceptedShareMin = 0.95

/**
 * @param step.acceptedShare of the requests that were due, those that were accepted in the same time
 * @param step.accepted events a second
 * @param step.waiting events accepted and not stored when the load ended
 */
export function isSustained(step: {
  readonly acceptedShare: number
  readonly accepted: number
  readonly waiting: number
}): boolean {
  const { acceptedShare, accepted, waiting } = step
  return acceptedShare >= acceptedShareMin && waiting <= accepted * backlogSecondsMax
}

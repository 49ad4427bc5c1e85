import type { SeededRandom } from './seeded-random.ts'

/** What a process asks a neighbour for. */
export type StepKind = 'append' | 'commit' | 'insert' | 'spill' | 'join' | 'fetch' | 'query'

export function isWrite(step: StepKind): boolean {
  return step === 'append' || step === 'commit' || step === 'insert' || step === 'spill'
}

/**
 * What becomes of one request:
 * - `refused`: the neighbour cannot be reached, and the process knows at once;
 * - `request lost` / `answer lost`: nothing is carried out / it is, and the process learns of neither but by its time-out;
 * - `lands late`: carried out when the process has given it up;
 * - `crash before` / `crash after`: the process dies before the request has left / while it is under way;
 * - `crash, lands late`: the process dies, and the request is carried out when a successor is at work;
 * - `freeze before`: the process stops before the request has left, which leaves when it wakes;
 * - `freeze after`: the request is carried out and the process sees the answer when it wakes.
 */
export type RequestFault = (typeof requestFaults)[number]

export const requestFaults = [
  'refused',
  'request lost',
  'answer lost',
  'lands late',
  'crash before',
  'crash after',
  'crash, lands late',
  'freeze before',
  'freeze after',
] as const

/** What happens to the world at a time that the seed chooses. */
export type WorldFault = (typeof worldFaults)[number]

export const worldFaults = [
  'process killed',
  'process frozen',
  'all processes killed',
  'process cut from the log',
  'process hears nothing from the log',
  'log gone',
  'log stands still',
  'store gone',
  'store stands still',
  'member joins',
  'member leaves',
  'undecodable bytes',
  'clock set',
] as const

export type FaultKind = RequestFault | WorldFault | 'rebalance during a write'

/** How much of what one run meets: most seeds leave some kinds out and have others often. */
export interface FaultPlan {
  /** Of one request for a write. */
  readonly requestRates: Readonly<Record<RequestFault, number>>
  /** That a write of the sink or the enricher makes a member join or leave. */
  readonly rebalanceRate: number
  /** The most of those in one act. */
  readonly rebalancesMax: number
  /** The most faults of requests in one act. */
  readonly requestFaultsMax: number
  /** How many of each in one act. */
  readonly worldFaults: readonly WorldFault[]
}

/** What happens instead to a request that is carried out in time or never. */
const inTime: Partial<Record<RequestFault, RequestFault>> = {
  'lands late': 'answer lost',
  'crash, lands late': 'crash after',
}

/** A share of the requests that change nothing are faulty too. */
const readShare = 0.1

export function chooseFaultPlan(random: SeededRandom): FaultPlan {
  const rate = () => (random.chance(0.4) ? 0 : 0.001 * 2 ** random.between(0, 5.5))
  const requestRates = Object.fromEntries(requestFaults.map((fault) => [fault, rate()]))
  const kinds = worldFaults.filter(() => random.chance(0.5))
  return {
    requestRates: requestRates as Record<RequestFault, number>,
    rebalanceRate: random.pick([0, 0.02, 0.1, 0.3]),
    rebalancesMax: random.whole(1, 12),
    requestFaultsMax: random.whole(2, 30),
    worldFaults:
      kinds.length === 0 ? [] : Array.from({ length: random.whole(0, 10) }, () => random.pick(kinds)),
  }
}

/** Chooses what becomes of each request, until faults end, and counts what was hit. */
export class Faults {
  readonly hits = new Map<FaultKind, number>()
  readonly #random: SeededRandom
  readonly #plan: FaultPlan
  #left = 0
  #rebalancesLeft = 0

  constructor(random: SeededRandom, plan: FaultPlan) {
    this.#random = random
    this.#plan = plan
  }

  get plan(): FaultPlan {
    return this.#plan
  }

  /** From here on requests are in danger. */
  begin(): void {
    this.#left = this.#plan.requestFaultsMax
    this.#rebalancesLeft = this.#plan.rebalancesMax
  }

  end(): void {
    this.#left = 0
    this.#rebalancesLeft = 0
  }

  hit(kind: FaultKind): void {
    this.hits.set(kind, (this.hits.get(kind) ?? 0) + 1)
  }

  /** @param canLandLate of requests whose order nobody relies on after the time-out */
  ofRequest(step: StepKind, canLandLate: boolean): RequestFault | undefined {
    if (this.#left === 0) return undefined
    let drawn = this.#random.next() / (isWrite(step) ? 1 : readShare)
    for (const fault of requestFaults) {
      drawn -= this.#plan.requestRates[fault]
      if (drawn >= 0) continue
      const chosen = canLandLate ? fault : (inTime[fault] ?? fault)
      this.#left--
      this.hit(chosen)
      return chosen
    }
    return undefined
  }

  /** Whether a group changes its members while this write is under way. */
  rebalances(): boolean {
    if (this.#rebalancesLeft === 0 || !this.#random.chance(this.#plan.rebalanceRate)) return false
    this.#rebalancesLeft--
    this.hit('rebalance during a write')
    return true
  }
}

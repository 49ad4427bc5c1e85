import { faultKinds, faultSpec, type FaultKind } from './fault-kind.ts'
import { SeededRandom } from './seeded-random.ts'

/** One set of servers and processes that lives through several rounds. */
export interface BenchPlan {
  /** Kafka nodes; 0 for the embedded log. */
  readonly brokers: 0 | 1 | 3
  /** Whether the embedded log is on a disk of its own that can be made full. */
  readonly hasSmallDisk: boolean
  readonly inactivityGapS: number
  /** Bounds of the sink's memory: small ones make it look sessions up that it has forgotten. */
  readonly sessionsMax: number
  readonly latenessS: number
  readonly insertAgeMsMax: number
  /** How long a producer waits for the log before it answers 503. */
  readonly appendDeadlineMs: number
  /** Whether producers keep events on their disk while Kafka does not take them. */
  readonly spills: boolean
}

export interface RoundPlan {
  readonly round: number
  /** All services in one process, as `npm start` runs them. */
  readonly isAllInOne: boolean
  readonly faults: readonly PlannedFault[]
}

export interface PlannedFault {
  readonly kind: FaultKind
  /** From the start of the load. */
  readonly atMs: number
  /** For what is chosen while it happens: which process, how long. */
  readonly random: SeededRandom
}

/** Rounds that share a bench, unless one fails. */
export const roundsPerBench = 10

const firstFaultMs = { min: 500, max: 2_000 }
const furtherFaultMs = { min: 300, max: 5_000 }

/** @param canFillDisk whether a small disk can be made here */
export function planBench(
  of: { readonly seed: number; readonly bench: number },
  { brokers, canFillDisk }: { readonly brokers: 0 | 1 | 3; readonly canFillDisk: boolean },
): BenchPlan {
  const random = SeededRandom.at(of.seed, 'bench', of.bench)
  return {
    brokers,
    // Where it can be had every other bench has one: the others write to a real disk.
    hasSmallDisk: brokers === 0 && canFillDisk && of.bench % 2 === 0,
    inactivityGapS: random.of([1_800, 2, 3]),
    sessionsMax: random.of([250_000, 40]),
    latenessS: random.of([3_600, 0]),
    insertAgeMsMax: random.of([100, 400, 1_000]),
    appendDeadlineMs: random.of([1_000, 5_000]),
    // Two pairs of benches, with one node and with three, do; the pair after them does not.
    spills: brokers > 0 && Math.floor(of.bench / 2) % 3 < 2,
  }
}

/** The kinds that a bench can show. */
export function kindsFor(
  { brokers, hasSmallDisk }: BenchPlan,
  wanted: readonly FaultKind[] = faultKinds,
): FaultKind[] {
  const logs = ['any', brokers === 0 ? 'embedded' : brokers === 1 ? 'one broker' : 'three brokers']
  return wanted
    .filter((kind) => logs.includes(faultSpec(kind).log))
    .filter((kind) => kind !== 'full-disk' || hasSmallDisk)
}

/**
 * The faults of one round: the first goes through all kinds in a shuffled order, so that each has its turn within as
 * many rounds as there are kinds; one or two more come by chance.
 */
export function planRound(seed: number, round: number, kinds: readonly FaultKind[]): RoundPlan {
  const random = SeededRandom.at(seed, 'round', round)
  const turn = Math.floor(round / kinds.length)
  const first = SeededRandom.at(seed, 'order', turn).shuffled(kinds)[round % kinds.length]!
  const chosen = [first]
  const more = random.of([0, 0, 1, 1, 1, 2, 2])
  while (chosen.length <= more) {
    const fitting = kinds.filter((kind) => chosen.every((other) => canMeet(kind, other)))
    if (fitting.length === 0) break
    chosen.push(random.of(fitting))
  }
  const needs = new Set(chosen.map((kind) => faultSpec(kind).services))
  const canBeAllInOne = kinds.some((kind) => faultSpec(kind).services === 'all in one')
  return {
    round,
    isAllInOne: needs.has('all in one') || (!needs.has('separate') && canBeAllInOne && random.chance(0.3)),
    faults: chosen.map((kind, index) => {
      const { min, max } = index === 0 ? firstFaultMs : furtherFaultMs
      return { kind, atMs: random.between(min, max), random: SeededRandom.at(seed, 'fault', round, index) }
    }),
  }
}

/** Whether two faults can be in one round: neither takes hold of what the other does, and one set-up serves both. */
function canMeet(a: FaultKind, b: FaultKind): boolean {
  const [one, other] = [faultSpec(a), faultSpec(b)]
  if (one.uses.some((resource) => other.uses.includes(resource))) return false
  return one.services === 'any' || other.services === 'any' || one.services === other.services
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from './bench.ts'
import type { FaultKind } from './fault-kind.ts'
import type { Hit } from './hit.ts'
import { inject } from './inject.ts'
import { startLoad } from './open-loop-load.ts'
import { RecoveryWatch } from './recovery-watch.ts'
import type { Problem } from './problem.ts'
import { checkBooks } from './books-check.ts'
import { checkRound } from './round-check.ts'
import type { PlannedFault, RoundPlan } from './round-plan.ts'
import { SeededRandom } from './seeded-random.ts'
import type { UnaskedEnd } from './service-slot.ts'
import { readBooks, readStoredPlaces, readStoredRows } from './stored-rows.ts'
import { regularSite, roundSite, VisitTraffic } from './visit-traffic.ts'

const ratePerS = { min: 300, max: 600 }
const loadMsMin = 5_000
/** The load goes on for so long after the last fault. */
const loadTailMs = 800
/** A rolling restart takes its time on a busy machine. */
const faultMsMax = 300_000
/** Everything accepted must be stored within this time after the last fault. */
export const recoveryMsMax = 90_000
/** A first look may meet rows of events that were not accepted on their way in. */
const checkMsMax = 20_000
const checkAgainMs = 500

export interface FaultOutcome {
  readonly kind: FaultKind
  readonly target: string
  readonly note?: string
  /** From the start of the load. */
  readonly startedMs: number
  readonly endedMs: number
  /** From the fault's end until everything that was accepted by then was stored; undefined when it never was. */
  readonly recoveryMs: number | undefined
}

export interface RoundOutcome {
  readonly round: number
  readonly isAllInOne: boolean
  readonly faults: readonly FaultOutcome[]
  readonly tookMs: number
  /** Events. */
  readonly sent: number
  /** Requests, repeats of clients among them. */
  readonly attempts: number
  /** Events with an answer 202. */
  readonly accepted: number
  /** Accepted without a receipt: a producer keeps them on its disk until the log takes them. */
  readonly spilled: number
  /** Accepted events that are rows of `events`, or drops for want of a session. */
  readonly stored: number
  /** Requests that were answered with 503, or with 408 where the machine was too busy to read them in time. */
  readonly refused: number
  /** Requests without an answer. */
  readonly broken: number
  readonly problems: readonly Problem[]
  readonly unaskedEnds: readonly UnaskedEnd[]
}

/** Load, faults, recovery, check. @throws when the bench itself does not work, such as a service that does not start */
export async function runRound(bench: Bench, plan: RoundPlan, seed: number): Promise<RoundOutcome> {
  const beganAt = performance.now()
  const endsBefore = bench.unaskedEnds().length
  await bench.useServices(plan.isAllInOne)
  const sites = [roundSite(plan.round), regularSite]
  const watch = new RecoveryWatch(bench.clickHouse.url, sites)
  const random = SeededRandom.at(seed, 'load', plan.round)
  const load = startLoad({
    rate: random.between(ratePerS.min, ratePerS.max),
    urls: bench.producerUrls(),
    traffic: new VisitTraffic(plan.round, random),
    sent: bench.sent,
    random: SeededRandom.at(seed, 'producers', plan.round),
  })
  const startedAt = performance.now()
  const faults = await Promise.all(
    plan.faults.map((fault) => runFault(fault, { bench, watch, startedAt })),
  ).finally(async () => {
    await sleep(Math.max(loadTailMs, startedAt + loadMsMin - performance.now()))
    await load.stop()
  })
  await bench.settle()
  const recovered = await Promise.all(faults.map(({ recovered }) => recovered))
  const ofSites = () => bench.sent.all().filter(({ site }) => sites.includes(site))
  await watch.whenStored(bench.sent.accepted, recoveryMsMax)
  const problems = await untilRight(() => checkSites(bench, sites))
  const ofRound = ofSites().filter(({ id }) => id.startsWith(`/r${plan.round}-`))
  const accepted = ofRound.filter(({ acceptedAt }) => acceptedAt !== undefined).length
  const attempts = ofRound.flatMap((event) => event.attempts)
  const answeredWith = (status: number) => attempts.filter((attempt) => attempt.status === status).length
  return {
    round: plan.round,
    isAllInOne: plan.isAllInOne,
    faults: faults.map(({ outcome }, index) => ({ ...outcome, recoveryMs: recovered[index] })),
    tookMs: performance.now() - beganAt,
    sent: ofRound.length,
    attempts: attempts.length,
    accepted,
    spilled: attempts.filter(({ status, receipt }) => status === 202 && receipt === undefined).length,
    stored: accepted - problems.filter(({ kind }) => kind === 'lost').length,
    refused: answeredWith(503) + answeredWith(408),
    broken: answeredWith(0),
    problems,
    unaskedEnds: bench.unaskedEnds().slice(endsBefore),
  }
}

/** Everything that was sent in the bench's whole life, once more: also what came late and what a later round did to it. */
export async function checkWholeBench(bench: Bench): Promise<readonly Problem[]> {
  const sites = [...new Set(bench.sent.all().map(({ site }) => site))]
  const rows = await untilRight(() => checkSites(bench, sites))
  const books = await untilRight(async () =>
    checkBooks(bench.sent.all(), await readBooks(bench.clickHouse.url)),
  )
  return [...rows, ...books, ...(await untilRight(() => checkPlaces(bench)))]
}

async function checkSites(bench: Bench, sites: readonly string[]): Promise<readonly Problem[]> {
  const { inactivityGapS } = bench.plan
  const rows = await readStoredRows(bench.clickHouse.url, sites)
  const sent = bench.sent.all().filter(({ site }) => sites.includes(site))
  return checkRound(sent, rows, { inactivityGapS })
}

/** Whatever the raw log holds is looked up in the tables, also what nobody was told of as accepted. */
async function checkPlaces(bench: Bench): Promise<readonly Problem[]> {
  const due = await bench.placesToStore()
  const stored = await readStoredPlaces(bench.clickHouse.url)
  const lost = due.filter((place) => !stored.has(place))
  return lost.map((place) => ({ kind: 'lost', detail: `nothing is stored of the record at ${place}` }))
}

async function untilRight(check: () => Promise<readonly Problem[]>): Promise<readonly Problem[]> {
  const deadline = performance.now() + checkMsMax
  for (;;) {
    const problems = await check()
    if (problems.length === 0 || performance.now() > deadline) return problems
    await sleep(checkAgainMs)
  }
}

interface RunFault {
  readonly outcome: Omit<FaultOutcome, 'recoveryMs'>
  readonly recovered: Promise<number | undefined>
}

async function runFault(
  { kind, atMs, random }: PlannedFault,
  { bench, watch, startedAt }: { bench: Bench; watch: RecoveryWatch; startedAt: number },
): Promise<RunFault> {
  await sleep(Math.max(0, startedAt + atMs - performance.now()))
  const hit = await inTime(inject(kind, bench, random), kind)
  return { outcome: outcomeOf(kind, hit, startedAt), recovered: recoveryAfter(hit, bench, watch) }
}

async function inTime<T>(work: Promise<T>, kind: FaultKind): Promise<T> {
  let late: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(new Error(`${kind} did not end within ${faultMsMax} ms`)), faultMsMax)
  })
  try {
    return await Promise.race([work, tooLong])
  } finally {
    clearTimeout(late)
  }
}

function outcomeOf(kind: FaultKind, hit: Hit, startedAt: number): Omit<FaultOutcome, 'recoveryMs'> {
  return {
    kind,
    target: hit.target,
    startedMs: Math.round(hit.startedAt - startedAt),
    endedMs: Math.round(hit.endedAt - startedAt),
    ...(hit.note === undefined ? {} : { note: hit.note }),
  }
}

async function recoveryAfter(hit: Hit, bench: Bench, watch: RecoveryWatch): Promise<number | undefined> {
  const due = bench.sent.accepted.filter(({ acceptedAt }) => (acceptedAt ?? Infinity) <= hit.endedAt)
  const storedAt = await watch.whenStored(due, recoveryMsMax)
  return storedAt === undefined ? undefined : Math.max(0, Math.round(storedAt - hit.endedAt))
}

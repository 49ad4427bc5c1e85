import type { SeededRandom } from '../machine/seeded-random.ts'

/** What a run is made of: sizes and limits, small ones, so that few events meet many borders. */
export interface Settings {
  readonly partitions: number
  readonly producers: number
  readonly enrichers: number
  readonly sinks: number
  readonly acts: number
  readonly requestsPerAct: number
  readonly actMs: number
  readonly visitors: number
  /** How long the log may fail before events are spilled; undefined: they are refused. */
  readonly spillAfterMs: number | undefined
  readonly spillRecordsMax: number
  /** Whether producers have one data directory, and so take over what others leave behind. */
  readonly sharesDataDirectory: boolean
  readonly appendDeadlineMs: number
  /** Records of a produce batch, of producers and enrichers. */
  readonly appendRecordsMax: number
  /** Records that a sink decodes at once. */
  readonly decodedMax: number
  readonly storeRequestMsMax: number
  readonly sessionTimeoutMs: number
  readonly clockSkewMsMax: number
  /** Unix milliseconds. */
  readonly startAt: number
  /**
   * Share of events whose rows the store refuses. None at a turn of the month: a range of two months goes in two inserts,
   * and where the second is refused, rows of the first may lie in a session that only a refused row had opened.
   */
  readonly refusedShare: number
  readonly enricher: Readonly<Record<string, string>>
  readonly sink: Readonly<Record<string, string>>
}

const hourMs = 3_600_000

export function chooseSettings(random: SeededRandom): Settings {
  const sessionTimeoutMs = 6_000
  const isMonthTurn = random.chance(0.25)
  const appendDeadlineMs = random.pick([300, 1_000, 2_500, 5_000])
  const consumer = { CONSUMER_SESSION_TIMEOUT_MS: String(sessionTimeoutMs) }
  return {
    partitions: random.whole(1, 3),
    producers: random.whole(1, 2),
    enrichers: random.whole(1, 3),
    sinks: random.whole(1, 3),
    acts: random.pick([1, 1, 2, 3]),
    requestsPerAct: random.whole(8, 60),
    actMs: random.whole(4_000, 30_000),
    visitors: random.whole(1, 6),
    spillAfterMs: random.chance(0.6) ? Math.round(appendDeadlineMs * random.between(0.2, 0.9)) : undefined,
    spillRecordsMax: random.pick([5, 1_000, 1_000]),
    sharesDataDirectory: random.chance(0.3),
    appendDeadlineMs,
    appendRecordsMax: random.pick([1, 2, 5, 1_000]),
    storeRequestMsMax: random.pick([1_000, 3_000, 8_000]),
    sessionTimeoutMs,
    clockSkewMsMax: random.chance(0.5) ? 0 : random.whole(0, 3_000),
    startAt: startAt(random, isMonthTurn),
    refusedShare: random.pick([0, 0, 0.1, 0.4]) * (isMonthTurn ? 0 : 1),
    enricher: {
      ...consumer,
      ENRICHER_FETCH_RECORDS_MAX: String(random.pick([1, 3, 10, 1_000])),
      ENRICHER_FETCH_WAIT_MS_MAX: String(random.pick([100, 500])),
      ENRICHER_REBUILD_RECORDS_MAX: String(random.pick([0, 5, 20_000])),
    },
    sink: {
      ...consumer,
      SESSION_INACTIVITY_GAP_S: String(random.pick([1, 3, 10, 30])),
      SESSION_LATENESS_S: String(random.pick([0, 5, 60])),
      SESSIONS_MAX: String(random.pick([1, 3, 1_000])),
      REPEAT_WINDOW_S: String(random.pick([120, 3_600])),
      REPEATS_MAX: String(random.pick([1, 3, 1_000])),
      INSERT_ROWS_MAX: String(random.pick([1, 3, 8, 50_000])),
      INSERT_AGE_MS_MAX: String(random.pick([50, 200, 1_000])),
    },
    decodedMax: random.pick([1, 2, 5, 1_000]),
  }
}

/** Shortly before a midnight in UTC, or in the middle of a day. */
function startAt(random: SeededRandom, isMonthTurn: boolean): number {
  const midnight = isMonthTurn ? Date.UTC(2026, 11, 1) : Date.UTC(2026, 10, 22)
  return isMonthTurn || random.chance(0.5)
    ? midnight - random.whole(1_000, 20_000)
    : midnight + 12 * hourMs + random.whole(0, 999)
}

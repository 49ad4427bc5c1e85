import type { RoundOutcome } from './round.ts'

/** How a round went, in one line. */
export function roundLine(outcome: RoundOutcome): string {
  const { round, faults, sent, accepted, spilled, stored, refused, broken, problems, unaskedEnds, tookMs } =
    outcome
  const hits = faults.map(({ kind, target, note, recoveryMs }) => {
    const recovery =
      recoveryMs === undefined ? 'no recovery' : `recovered in ${(recoveryMs / 1000).toFixed(1)} s`
    return `${kind} (${target === '' ? 'hit nothing' : target}${note === undefined ? '' : `, ${note}`}; ${recovery})`
  })
  const ends = unaskedEnds.map(({ slot, end }) => `; ${slot} ended by itself with ${end}`).join('')
  return (
    `round ${round}${outcome.isAllInOne ? ', all in one' : ''}: ${hits.join(', ')}: sent ${sent}, accepted ${accepted} (spilled ${spilled}), ` +
    `stored ${stored}, 503 ${refused}, broken ${broken}, ${(tookMs / 1000).toFixed(1)} s, ` +
    `${problems.length === 0 ? 'ok' : `${problems.length} PROBLEMS`}${ends}`
  )
}

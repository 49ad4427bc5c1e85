import type { ProtocolCounts, SendOutcome } from '@millrace/traffic'

const columns = ['protocol', 'requests', 'events', 'accepted', 'answers'] as const

/** The run as a small table, a line of latencies, and what went wrong, if anything did. */
export function loadReport(run: string, outcome: SendOutcome): string[] {
  const { events, failed, unsent, latencyMs: ms } = outcome
  const lines = [
    `run ${run}: sent ${String(events.due)} events in ${outcome.seconds.toFixed(1)} s, ` +
      `accepted ${String(events.accepted)}, refused ${String(refusedOf(outcome))}, failed ${String(failed)}, ` +
      `not sent ${String(unsent)}`,
    ...table([
      columns,
      ...Object.entries(outcome.protocols).map(([protocol, counts]) => row(protocol, counts)),
    ]),
    `answer time from when each was due: p50 ${ms.p50.toFixed(1)} ms, p90 ${ms.p90.toFixed(1)}, p99 ${ms.p99.toFixed(1)}, ` +
      `p99.9 ${ms.p999.toFixed(1)}, max ${ms.max.toFixed(1)}; ${outcome.achievedRate.toFixed(0)} requests/s answered; ` +
      `${outcome.cpuUsPerRequest.toFixed(0)} us CPU a request here`,
  ]
  for (const [cause, count] of Object.entries(outcome.failures))
    lines.push(`failed: ${String(count)} with ${cause}`)
  if (isUnknown(outcome)) {
    lines.push(
      'A producer with a SITES_FILE takes what it names: --print-sites-file prints one that names what load sends to.',
    )
  }
  return lines
}

/** Requests that were answered, but not with 2xx. */
export function refusedOf({ protocols }: SendOutcome): number {
  const statuses = Object.values(protocols).flatMap(({ status }) => Object.entries(status))
  return statuses.reduce((sum, [status, count]) => sum + (isAccepted(status) ? 0 : count), 0)
}

/** 401 and 422 are what the keyed protocols say of a key that no site has. */
function isUnknown({ protocols }: SendOutcome): boolean {
  return Object.values(protocols).some(({ status }) => status[401] !== undefined || status[422] !== undefined)
}

function isAccepted(status: string): boolean {
  return status.startsWith('2')
}

function row(protocol: string, { requests, events, accepted, status }: ProtocolCounts): string[] {
  const answers = Object.entries(status).map(([code, count]) => `${code}: ${String(count)}`)
  return [protocol, String(requests), String(events), String(accepted), answers.join(', ')]
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map((_, index) => Math.max(...rows.map((cells) => cells[index]?.length ?? 0)))
  return rows.map((cells) =>
    `  ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd(),
  )
}

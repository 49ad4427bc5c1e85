import type { SendOutcome } from '@millrace/traffic'
import { describe, expect, it } from 'vitest'
import { loadReport, refusedOf } from './load-report.ts'

const outcome: SendOutcome = {
  due: 120,
  answered: 115,
  failed: 5,
  failures: { ECONNRESET: 5 },
  unsent: 0,
  events: { due: 160, accepted: 140, dropped: 2 },
  protocols: {
    plausible: { requests: 100, events: 100, accepted: 90, dropped: 2, status: { 202: 90, 503: 5 } },
    successeve: { requests: 20, events: 60, accepted: 50, dropped: 0, status: { 200: 20 } },
  },
  latencyMs: { p50: 1.04, p90: 2, p99: 30.26, p999: 40, max: 50 },
  achievedRate: 99.6,
  seconds: 1.24,
  cpuUsPerRequest: 44.4,
}

describe('the report of a load', () => {
  it('has a row for each protocol, the times, and what failed', () => {
    expect(loadReport('r1', outcome)).toEqual([
      'run r1: sent 160 events in 1.2 s, accepted 140, refused 5, failed 5, not sent 0',
      '  protocol    requests  events  accepted  answers',
      '  plausible   100       100     90        202: 90, 503: 5',
      '  successeve  20        60      50        200: 20',
      'answer time from when each was due: p50 1.0 ms, p90 2.0, p99 30.3, p99.9 40.0, max 50.0; 100 requests/s answered; 44 us CPU a request here',
      'failed: 5 with ECONNRESET',
    ])
    expect(refusedOf(outcome)).toBe(5)
  })

  it.each([401, 422])('says how a producer gets to know the sites when it answers %i', (status) => {
    const octeth = { requests: 1, events: 1, accepted: 0, dropped: 0, status: { [status]: 1 } }
    expect(loadReport('r1', { ...outcome, protocols: { octeth } }).join('\n')).toContain('--print-sites-file')
  })
})

import { unreachable } from '@millrace/runtime'
import type { Bench } from './bench.ts'
import type { FaultKind } from './fault-kind.ts'
import type { Hit } from './hit.ts'
import { freezeBroker, killBrokers } from './broker-faults.ts'
import { fillDisk } from './disk-fault.ts'
import type { SeededRandom } from './seeded-random.ts'
import { freezeServices, killEverything, killServices, rollingRestart, scale } from './service-faults.ts'
import { killClickHouse, treatInserts } from './store-faults.ts'

/** Lets a fault happen; resolves when it is over. */
export function inject(kind: FaultKind, bench: Bench, random: SeededRandom): Promise<Hit> {
  switch (kind) {
    case 'kill-producer':
      return killServices('producer', bench, random)
    case 'kill-enricher':
      return killServices('enricher', bench, random)
    case 'kill-sink':
      return killServices('sink', bench, random)
    case 'kill-everything':
      return killEverything(bench, random)
    case 'kill-pipeline':
      return killServices('pipeline', bench, random)
    case 'freeze-producer':
      return freezeServices('producer', bench, random)
    case 'freeze-enricher':
      return freezeServices('enricher', bench, random)
    case 'freeze-sink':
      return freezeServices('sink', bench, random)
    case 'freeze-pipeline':
      return freezeServices('pipeline', bench, random)
    case 'kill-clickhouse':
      return killClickHouse(bench, random)
    case 'late-answers':
      return treatInserts('hold-answer', bench, random)
    case 'late-inserts':
      return treatInserts('hold-request', bench, random)
    case 'cut-inserts':
      return treatInserts('cut', bench, random)
    case 'lost-answers':
      return treatInserts('drop-answer', bench, random)
    case 'kill-broker':
    case 'kill-leader':
      return killBrokers(1, bench, random)
    case 'lose-quorum':
      return killBrokers(2, bench, random)
    case 'freeze-broker':
    case 'freeze-leader':
      return freezeBroker(bench, random)
    case 'full-disk':
      return fillDisk(bench, random)
    case 'rolling-restart':
      return rollingRestart(bench, random)
    case 'scale-enrichers':
      return scale('enricher', bench)
    case 'scale-sinks':
      return scale('sink', bench)
    default:
      return unreachable(kind)
  }
}

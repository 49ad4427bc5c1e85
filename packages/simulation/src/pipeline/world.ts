import type { Logger } from '@millrace/runtime'
import { SimulatedDisk } from '../disk/simulated-disk.ts'
import { SimulatedSpill } from '../disk/simulated-spill.ts'
import { LogConnection } from '../log/log-connection.ts'
import type { LogServer } from '../log/log-server.ts'
import { SimulatedLog } from '../log/simulated-log.ts'
import type { Faults } from '../machine/faults.ts'
import type { History } from '../machine/history.ts'
import type { Network } from '../machine/network.ts'
import type { Scheduler } from '../machine/scheduler.ts'
import type { SeededRandom } from '../machine/seeded-random.ts'
import type { SimulatedProcess } from '../machine/simulated-process.ts'
import { SimulatedStore } from '../store/simulated-store.ts'
import type { StoreServer } from '../store/store-server.ts'
import type { Settings } from './settings.ts'

/** Everything of one run that no process owns. */
export interface World {
  readonly random: SeededRandom
  readonly settings: Settings
  readonly scheduler: Scheduler
  readonly faults: Faults
  readonly history: History
  readonly network: Network
  readonly logServer: LogServer
  readonly storeServer: StoreServer
  /** The producers' data directories, by name. */
  readonly disks: Map<string, SimulatedDisk>
  readonly logger: Logger
}

export function openSimulatedLog(world: World, process: SimulatedProcess): SimulatedLog {
  const { scheduler, network, logServer: server } = world
  return new SimulatedLog(new LogConnection({ process, scheduler, network, server }))
}

export function openSimulatedStore(world: World, process: SimulatedProcess): SimulatedStore {
  const { scheduler, network, storeServer: server, settings } = world
  return new SimulatedStore({
    process,
    scheduler,
    network,
    server,
    requestMsMax: settings.storeRequestMsMax,
  })
}

/** @returns undefined where events are not spilled */
export function openSimulatedSpill(
  { scheduler, network, settings, disks }: World,
  process: SimulatedProcess,
  dataDirectory: string,
): SimulatedSpill | undefined {
  const { spillAfterMs, spillRecordsMax: recordsMax } = settings
  if (spillAfterMs === undefined) return undefined
  const disk = disks.get(dataDirectory) ?? new SimulatedDisk()
  disks.set(dataDirectory, disk)
  return new SimulatedSpill({ process, disk, scheduler, network, recordsMax })
}

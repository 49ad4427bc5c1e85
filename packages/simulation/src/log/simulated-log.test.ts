import { describeLogContract, type LogUnderTest } from '@millrace/log/testing'
import { afterAll } from 'vitest'
import { chooseFaultPlan, Faults } from '../machine/faults.ts'
import { History } from '../machine/history.ts'
import { Network } from '../machine/network.ts'
import { Scheduler } from '../machine/scheduler.ts'
import { SeededRandom } from '../machine/seeded-random.ts'
import { SimulatedProcess } from '../machine/simulated-process.ts'
import { LogConnection } from './log-connection.ts'
import { LogServer } from './log-server.ts'
import { SimulatedLog } from './simulated-log.ts'

const tickMs = 2
let ticking: NodeJS.Timeout | undefined

afterAll(() => {
  clearInterval(ticking)
})

/** The simulated log on the real clock, without faults: time is passed on as it goes by. */
function aSimulatedLog(): Promise<LogUnderTest> {
  const random = new SeededRandom(1)
  const scheduler = new Scheduler(random, Date.now())
  const history = new History(() => scheduler.now)
  const faults = new Faults(random, chooseFaultPlan(random))
  const never = () => undefined
  const network = new Network({ scheduler, faults, history, kill: never, freeze: never, onWrite: never })
  const shown = (_: string, position: { offset: number; metadata: string }) => position
  const server = new LogServer({ scheduler, network, history, isFencing: true, shown })
  let isRunning = false
  ticking = setInterval(() => {
    if (isRunning) return
    isRunning = true
    void scheduler.runFor(Date.now() - scheduler.now).finally(() => {
      isRunning = false
    })
  }, tickMs)
  let clients = 0
  return Promise.resolve({
    open: () => {
      const process = new SimulatedProcess(`client-${++clients}`, 0)
      return Promise.resolve(new SimulatedLog(new LogConnection({ process, scheduler, network, server })))
    },
    close: () => Promise.resolve(),
    removeBefore: (topic, partition, offset) => {
      server.broker.partition(topic, partition).low = offset
      return Promise.resolve()
    },
  })
}

describeLogContract('the simulated log', aSimulatedLog, { revokeMsMax: 1_000 })

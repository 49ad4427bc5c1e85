import { isMainThread, parentPort } from 'node:worker_threads'
import { createLogger, type Logger } from './logger.ts'
import { Metrics } from './metrics.ts'
import { answerMetricsRequests } from './metrics-exchange.ts'
import { describeError } from './neighbour-error.ts'

export interface ServiceContext {
  readonly environment: NodeJS.ProcessEnv
  readonly logger: Logger
  readonly metrics: Metrics
  /** Ends the service at once: for a bug or a neighbour that is gone for good. */
  readonly fail: (error: unknown) => void
}

export interface RunningService {
  /** Finishes what is in hand and takes nothing new. */
  drain(): Promise<void>
}

/** A drain that takes longer ends with exit code 1. */
const drainMsMax = 30_000

/**
 * Runs a service until a signal, as a process of its own or as a worker thread.
 * SIGTERM, SIGINT or the parent's message `drain` drain it (exit 0); a second signal ends it at once.
 * A worker tells its parent `ready` once started.
 */
export async function runService(
  name: string,
  start: (context: ServiceContext) => Promise<RunningService>,
): Promise<void> {
  const logger = createLogger({ name, level: logLevel(process.env.LOG_LEVEL) })
  const metrics = new Metrics()
  const fail = (error: unknown): void => {
    logger.fatal({ err: error }, `stopped: ${describeError(error)}`)
    process.exit(1)
  }
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)

  const state = { stopped: false }
  let service: RunningService | undefined
  const stop = (): void => {
    if (state.stopped) process.exit(1)
    state.stopped = true
    setTimeout(() => {
      fail(new Error(`drain took longer than ${String(drainMsMax)} ms`))
    }, drainMsMax).unref()
    if (service !== undefined) void drainAndExit(service)
  }
  if (isMainThread) {
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  } else {
    parentPort?.on('message', (message) => {
      if (message === 'drain') stop()
    })
    answerMetricsRequests(metrics)
  }

  try {
    service = await start({ environment: process.env, logger, metrics, fail })
  } catch (error) {
    fail(error)
    return
  }
  parentPort?.postMessage('ready')
  if (state.stopped) await drainAndExit(service)
}

async function drainAndExit(service: RunningService): Promise<void> {
  await service.drain()
  process.exit(0)
}

function logLevel(given: string | undefined): string {
  return given === undefined || given === '' ? 'info' : given
}

import { isMainThread, parentPort } from 'node:worker_threads'
import * as z from 'zod'
import { createLogger, type Logger } from './logger.ts'
import { Metrics } from './metrics.ts'
import { answerMetricsRequests } from './metrics-exchange.ts'
import { describeError } from './neighbour-error.ts'
import { readOptions } from './options.ts'

export interface ServiceContext {
  readonly environment: NodeJS.ProcessEnv
  readonly logger: Logger
  readonly metrics: Metrics
  /** Ends the service at once: for a bug or a neighbour that is gone for good. */
  readonly fail: (error: unknown) => void
}

/** What a service thread that cannot start tells its parent. */
export interface StartFailure {
  readonly startFailed: string
}

export interface RunningService {
  /** Finishes what is in hand and takes nothing new. */
  drain(): Promise<void>
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const serviceOptions = z.object({
  LOG_LEVEL: z.enum(logLevels, `expected one of ${logLevels.join(', ')}`).default('info'),
})

/**
 * Records are small buffers by the thousand: from Node's pools of 8 KiB they cost an allocation every dozen. What is cut from
 * a pool lives for a batch, so no larger pool is held for long.
 */
const bufferPoolBytes = 262_144

/** A drain that takes longer ends with exit code 1. */
const drainMsMax = 30_000

/**
 * Runs a service until a signal, as a process of its own or as a worker thread.
 * SIGTERM, SIGINT or the parent's message `drain` drain it (exit 0); a second signal ends it at once.
 * A worker tells its parent `ready` once started, or a `StartFailure`.
 */
export async function runService(
  name: string,
  start: (context: ServiceContext) => Promise<RunningService>,
): Promise<void> {
  const level = readLogLevel(name)
  if (level === undefined) return
  Buffer.poolSize = bufferPoolBytes
  const logger = createLogger({ name, level })
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
    logger.debug({ err: error }, 'the start failed')
    failStart(name, error)
    return
  }
  parentPort?.postMessage('ready')
  if (state.stopped) await drainAndExit(service)
}

/** @returns undefined after the start has been failed */
function readLogLevel(name: string): string | undefined {
  try {
    return readOptions(serviceOptions).LOG_LEVEL
  } catch (error) {
    failStart(name, error)
    return undefined
  }
}

/** A start that cannot be says so in one line, and to the parent if there is one; the stack is for debugging only. */
function failStart(name: string, error: unknown): void {
  const reason = `${name}: ${describeError(error)}`
  if (parentPort === null) process.stderr.write(`millrace ${reason}\n`)
  else parentPort.postMessage({ startFailed: reason } satisfies StartFailure)
  process.exit(1)
}

async function drainAndExit(service: RunningService): Promise<void> {
  await service.drain()
  process.exit(0)
}

/** Starts the engine process, waits until it answers, and starts it again when it is killed. */
import { fork, type ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { totalmem } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { delay, NeighbourError } from '@millrace/runtime'
import {
  defaultLimits,
  type ChildMessage,
  type EngineLimits,
  type EngineOptions,
  type EngineUser,
  type ParentMessage,
} from './engine-options.ts'
import { isLoopbackName } from './http-request.ts'

export interface EmbeddedClickHouseOptions {
  /** Holds the databases; made when it is not there. One engine process at a time may have it. */
  readonly directory: string
  /** 0 or absent: any free port. */
  readonly port?: number
  /** A loopback name or address; `127.0.0.1` when absent. */
  readonly host?: string
  /** By name. When absent: `default` may write, `readonly` may read; neither has a password. */
  readonly users?: Readonly<Record<string, EngineUser>>
  /** Statements that run at once (8). */
  readonly connections?: number
  readonly limits?: Partial<Omit<EngineLimits, 'connections'>>
  /** Starts the process again, on the same port, when it ends by itself (true). */
  readonly restart?: boolean
  readonly logger?: EngineLogger
}

/** What of a pino logger is used. */
export interface EngineLogger {
  info(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface EmbeddedClickHouse {
  /** `http://host:port`, for `@clickhouse/client`, curl and BI tools. */
  readonly url: string
  readonly port: number
  /** Of the engine process that runs now. */
  readonly pid: number
  /** Finishes the statements in hand, closes the engine, ends the process. */
  close(): Promise<void>
  /** Resolves when the engine is gone for good: closed, or ended and not to be restarted. */
  readonly exited: Promise<ProcessEnd>
}

export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** How long a start may take, loading and repairing included, beyond the wait for the directory. */
const startMsMax = 120_000
/** How long a process told to close may take beyond its drain. */
const closeMsMax = 5_000
const restartDelayMsMin = 100
const restartDelayMsMax = 5_000
/** A process that ran so long begins anew with the shortest delay. */
const settledAfterMs = 30_000

/**
 * Runs the ClickHouse engine in a process of its own behind HTTP on loopback; resolves when it answers.
 * The process ends when this one does.
 * @throws NeighbourError `EMBEDDED_CLICKHOUSE_START` in one line: host not loopback, port taken, directory held, no engine
 *   for this platform
 */
export async function startEmbeddedClickHouse(
  options: EmbeddedClickHouseOptions,
): Promise<EmbeddedClickHouse> {
  const engineOptions = engineOptionsOf(options)
  mkdirSync(engineOptions.directory, { recursive: true, mode: 0o700 })
  const first = await startProcess(engineOptions)
  return supervise(first, { ...engineOptions, port: first.port }, options)
}

function engineOptionsOf(options: EmbeddedClickHouseOptions): EngineOptions {
  const { host = '127.0.0.1', port = 0 } = options
  if (!isLoopbackName(host)) throw startError(`host ${host} is not a loopback address`)
  const defaults = defaultLimits(totalmem())
  const connections = options.connections ?? defaults.connections
  const readonlyConnectionsMax = Math.max(1, connections - 2)
  const users = options.users ?? {
    default: { password: '', readonly: false },
    readonly: { password: '', readonly: true },
  }
  const limits = { ...defaults, readonlyConnectionsMax, ...options.limits, connections }
  return { directory: resolve(options.directory), host, port, users, limits }
}

interface EngineProcess {
  readonly child: ChildProcess
  readonly pid: number
  readonly port: number
  readonly ended: Promise<ProcessEnd>
}

async function startProcess(options: EngineOptions): Promise<EngineProcess> {
  const child = forkEntry(options)
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code, signal })
    })
  })
  const answer = new Promise<ChildMessage>((resolve) =>
    child.once('message', resolve as (message: unknown) => void),
  )
  tell(child, { kind: 'start', options })
  const deadline = new AbortController()
  const outcome = await Promise.race([
    answer,
    ended.then(({ code, signal }) => failed(`the engine process ended with ${signal ?? `code ${code}`}`)),
    delay(startMsMax + options.limits.lockWaitMsMax, deadline.signal).then(() =>
      failed('the engine does not answer'),
    ),
  ])
  deadline.abort()
  if (outcome.kind === 'listening' && child.pid !== undefined) {
    return { child, pid: child.pid, port: outcome.port, ended }
  }
  child.kill('SIGKILL')
  await ended
  throw startError(outcome.kind === 'failed' ? outcome.message : 'no process')
}

function failed(message: string): ChildMessage {
  return { kind: 'failed', message }
}

function forkEntry(options: EngineOptions): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts')
  const entry = fileURLToPath(
    new URL(isSource ? './engine-process.ts' : './engine-process.js', import.meta.url),
  )
  return fork(entry, [], {
    cwd: options.directory,
    // A group of its own: Ctrl-C in a terminal must not end the engine before the services have drained into it.
    detached: true,
    // The engine sees no secret of ours. Each statement holds a thread of the pool; files need some more.
    env: {
      PATH: '/usr/bin:/bin:/usr/local/bin',
      TZ: 'UTC',
      UV_THREADPOOL_SIZE: String(options.limits.connections + 8),
    },
    execArgv: isSource ? sourceArguments() : [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
}

/** From TypeScript sources (tests), through tsx. */
function sourceArguments(): string[] {
  const tsx = createRequire(import.meta.url).resolve('tsx')
  return ['--import', pathToFileURL(tsx).href, '--conditions=source']
}

function tell(child: ChildProcess, message: ParentMessage): void {
  if (child.connected) child.send(message, () => undefined)
}

function supervise(
  first: EngineProcess,
  options: EngineOptions,
  given: EmbeddedClickHouseOptions,
): EmbeddedClickHouse {
  let current = first
  const closing = new AbortController()
  const exited = keepRunning({
    first,
    options,
    given,
    signal: closing.signal,
    onStart: (started) => {
      current = started
    },
  })
  const close = async () => {
    closing.abort()
    tell(current.child, { kind: 'close' })
    const late = setTimeout(() => current.child.kill('SIGKILL'), options.limits.drainMsMax + closeMsMax)
    await exited
    clearTimeout(late)
  }
  return {
    url: `http://${options.host}:${options.port}`,
    port: options.port,
    get pid() {
      return current.pid
    },
    close,
    exited,
  }
}

/** Resolves with the end of the last process. */
async function keepRunning(of: {
  readonly first: EngineProcess
  readonly options: EngineOptions
  readonly given: EmbeddedClickHouseOptions
  readonly signal: AbortSignal
  readonly onStart: (started: EngineProcess) => void
}): Promise<ProcessEnd> {
  const { given } = of
  const isClosing = () => of.signal.aborted
  let running = of.first
  for (;;) {
    const startedAt = performance.now()
    const end = await running.ended
    if (isClosing() || given.restart === false) return end
    given.logger?.error({ ...end, pid: running.pid }, 'the engine process ended; starting it again')
    const isSettled = performance.now() - startedAt > settledAfterMs
    const next = await restart({ ...of, delayMs: isSettled ? 0 : restartDelayMsMin })
    if (next === undefined) return end
    running = next
    of.onStart(next)
    given.logger?.info({ pid: next.pid, port: next.port }, 'the engine process runs again')
    if (isClosing()) tell(next.child, { kind: 'close' })
  }
}

/** Tries until the engine answers or it is to be closed, with doubling delays. */
async function restart(of: {
  readonly options: EngineOptions
  readonly given: EmbeddedClickHouseOptions
  readonly signal: AbortSignal
  readonly delayMs: number
}): Promise<EngineProcess | undefined> {
  for (
    let delayMs = of.delayMs;
    ;
    delayMs = Math.min(Math.max(delayMs * 2, restartDelayMsMin), restartDelayMsMax)
  ) {
    await delay(delayMs, of.signal)
    if (of.signal.aborted) return undefined
    try {
      return await startProcess(of.options)
    } catch (error) {
      of.given.logger?.error({ error: String(error) }, 'the engine process does not start; trying again')
    }
  }
}

function startError(message: string): NeighbourError {
  return new NeighbourError(`embedded ClickHouse does not start: ${message}`, {
    code: 'EMBEDDED_CLICKHOUSE_START',
    retriable: false,
  })
}

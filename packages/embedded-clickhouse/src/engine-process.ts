/** Entry of the engine process: takes the directory, opens the engine, serves HTTP until its parent says or dies. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { describeError, FileHeldError, lockFile, type FileLock } from '@millrace/runtime'
import { ConnectionSlots } from './connection-slots.ts'
import { engineConfig } from './engine-config.ts'
import type { ChildMessage, EngineOptions, ParentMessage } from './engine-options.ts'
import { serveEndpoint, type HttpEndpoint } from './http-endpoint.ts'
import { openEngine, type Engine } from './native-engine.ts'
import type { ServerFacts } from './response-head.ts'
import { makeResultPipes } from './result-pipes.ts'
import { Sessions } from './sessions.ts'

/** Below the process's working directory, which is the data directory: relative names stand in SQL text. */
const engineDirectory = 'engine'
const pipesDirectory = 'pipes'
const filesDirectory = 'incoming'

interface Running {
  readonly engine: Engine
  readonly endpoint: HttpEndpoint
  readonly slots: ConnectionSlots
  readonly sessions: Sessions
  readonly lock: FileLock
  readonly options: EngineOptions
}

async function start(options: EngineOptions): Promise<Running> {
  const lock = await lockDirectory(options.directory, options.limits.lockWaitMsMax)
  rmSync(filesDirectory, { recursive: true, force: true })
  mkdirSync(filesDirectory, { recursive: true })
  writeFileSync('engine.xml', engineConfig(options.limits))
  const engine = openEngine(`${options.directory}/${engineDirectory}`, `${options.directory}/engine.xml`)
  const facts = await askFacts(engine)
  const slots = new ConnectionSlots(
    makeResultPipes(pipesDirectory, options.limits.connections),
    options.limits,
  )
  const sessions = new Sessions(engine, options.limits)
  const endpoint = await serveEndpoint({ engine, slots, sessions, facts, options, filesDirectory })
  return { engine, endpoint, slots, sessions, lock, options }
}

/** Keeps two engine processes from opening one directory. */
async function lockDirectory(directory: string, waitMsMax: number): Promise<FileLock> {
  try {
    return await lockFile(`${directory}/engine.lock`, waitMsMax)
  } catch (error) {
    if (!(error instanceof FileHeldError)) throw error
    const message = `${directory} is in use by the engine ${error.message}: stop it, or choose another directory`
    throw new Error(message, { cause: error })
  }
}

async function askFacts(engine: Engine): Promise<ServerFacts> {
  const connection = engine.connect()
  const ask = async (sql: string) =>
    Buffer.from((await connection.query(sql, 'TSV')).bytes)
      .toString()
      .trimEnd()
  try {
    const [version = '', timezone = 'UTC'] = (await ask('SELECT version(), timezone()')).split('\t')
    const formats = (await ask('SELECT name FROM system.formats WHERE is_output')).split('\n')
    const tableFunctions = (await ask('SELECT lower(name) FROM system.table_functions')).split('\n')
    return {
      version,
      timezone,
      formats: new Map(formats.map((name) => [name.toLowerCase(), name])),
      tableFunctions: new Set(tableFunctions),
    }
  } finally {
    connection.close()
  }
}

/** Lets statements in hand finish, for a while; then closes the engine, so that the next start has nothing to repair. */
async function close(running: Running): Promise<void> {
  const { endpoint, slots, sessions, engine, lock } = running
  endpoint.stop()
  const late = setTimeout(() => {
    endpoint.cut()
    process.exit(0)
  }, running.options.limits.drainMsMax)
  await slots.whenIdle()
  clearTimeout(late)
  endpoint.cut()
  sessions.closeAll()
  engine.close()
  lock.release()
  process.exit(0)
}

function tell(message: ChildMessage): void {
  process.send?.(message)
}

function main(): void {
  let running: Promise<Running> | undefined
  const end = () => {
    if (running === undefined) process.exit(0)
    running.then(close).catch(() => process.exit(1))
  }
  process.on('message', (message: ParentMessage) => {
    if (message.kind === 'close') {
      end()
      return
    }
    running = start(message.options)
    running.then(
      ({ endpoint }) => {
        tell({ kind: 'listening', port: endpoint.port })
      },
      (error: unknown) => {
        tell({ kind: 'failed', message: describeError(error) })
        process.disconnect()
        process.exitCode = 1
      },
    )
  })
  process.on('disconnect', end)
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
}

main()

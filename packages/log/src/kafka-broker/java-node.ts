import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { copyFile, mkdir, open, writeFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { KafkaNode } from './kafka-cluster.ts'
import { clusterId, propertyLines, type KafkaInstallation } from './kafka-jars.ts'

const run = promisify(execFile)

/** KafkaBroker.STARTED_MESSAGE */
const startedMessage = 'Kafka Server started'
const startMsMax = 90_000
const stopMsMax = 20_000
const startPollMs = 50
const statePollMs = 10
const logCharsShownMax = 3_000

export interface JavaNodeOptions {
  readonly id: number
  readonly installation: KafkaInstallation
  readonly directory: string
  readonly port: number
  readonly properties: Readonly<Record<string, string>>
  readonly javaOptions: readonly string[]
  readonly onProcessChange: () => void
}

/** One Kafka node, broker and controller in one, as a child process. */
export class JavaNode implements KafkaNode {
  readonly id: number
  readonly address: string
  readonly directory: string
  readonly #options: JavaNodeOptions
  #process: ChildProcess | undefined

  constructor(options: JavaNodeOptions) {
    this.id = options.id
    this.address = `127.0.0.1:${options.port}`
    this.directory = options.directory
    this.#options = options
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** Writes what `StorageTool format` would have written. */
  async prepare(): Promise<void> {
    const { directory, id, installation, properties } = this.#options
    const data = join(directory, 'data')
    await mkdir(data, { recursive: true })
    await copyFile(join(installation.formatted, 'bootstrap.checkpoint'), join(data, 'bootstrap.checkpoint'))
    const meta = {
      'node.id': String(id),
      'directory.id': randomBytes(16).toString('base64url'),
      version: '1',
      'cluster.id': clusterId,
    }
    await writeFile(join(data, 'meta.properties'), propertyLines(meta))
    await writeFile(join(directory, 'server.properties'), propertyLines({ ...properties, 'log.dirs': data }))
  }

  async start(): Promise<void> {
    if (this.#process !== undefined) return
    const { directory, installation, javaOptions, onProcessChange } = this.#options
    const { classPath, loggingFlag } = installation
    const main = ['kafka.Kafka', join(directory, 'server.properties')]
    const log = await open(join(directory, `node-${randomBytes(4).toString('hex')}.log`), 'a+')
    try {
      const child = spawn('java', [...javaOptions, loggingFlag, '-cp', classPath, ...main], {
        stdio: ['ignore', log.fd, log.fd], // a file, not a pipe: a pipe that nobody reads would block the node
        cwd: directory,
      })
      this.#process = child
      child.once('exit', () => {
        if (this.#process === child) this.#process = undefined
        onProcessChange()
      })
      onProcessChange()
      await this.#untilStarted(log)
    } finally {
      await log.close()
    }
  }

  async #untilStarted(log: FileHandle): Promise<void> {
    const deadline = Date.now() + startMsMax
    for (;;) {
      const { size } = await log.stat()
      const { buffer } = await log.read(Buffer.alloc(size), 0, size, 0)
      const text = buffer.toString()
      if (text.includes(startedMessage)) return
      const trouble = this.#process === undefined ? 'ended while starting' : 'did not start in time'
      if (this.#process === undefined || Date.now() > deadline) {
        throw new Error(`Kafka node ${this.id} ${trouble}:\n${text.slice(-logCharsShownMax)}`)
      }
      await sleep(startPollMs)
    }
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async stop(): Promise<void> {
    const child = this.#process
    const deadline = setTimeout(() => child?.kill('SIGKILL'), stopMsMax)
    await this.#end('SIGTERM')
    clearTimeout(deadline)
  }

  async freeze(): Promise<void> {
    this.#process?.kill('SIGSTOP')
    while (this.pid !== undefined && !(await processState(this.pid)).startsWith('T')) await sleep(statePollMs)
  }

  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#process
    if (child === undefined) return
    const ended = once(child, 'exit')
    child.kill(signal)
    child.kill('SIGCONT')
    await ended
  }
}

/** As `ps` says it: `T` for a stopped one, empty for none. */
async function processState(pid: number): Promise<string> {
  const { stdout } = await run('ps', ['-o', 'stat=', '-p', String(pid)])
  return stdout.trim()
}

import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdir, open, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from '@node-rs/crc32'

/** u32 checksum of what follows. */
const headerBytes = 4
const idBytes = 12
/** `<appendedAt, Unix milliseconds>-<id>` */
const namePattern = /^(\d+)-[0-9a-f]{24}$/

/** Names a secret within its topic. */
export interface SecretName {
  /** Unix milliseconds. */
  readonly appendedAt: number
  /** 12 random bytes. */
  readonly id: Buffer
}

/**
 * The bytes of topics that must be gone for good when retention has passed: one file for each chunk, overwritten and
 * unlinked in time. In LMDB's own file they would stay in free pages, and in the unused parts of pages in use, until
 * those happen to be written again.
 */
export class SecretFiles {
  readonly #directory: string
  readonly #made = new Set<string>()

  /** @param directory made, with one below it for each topic, when the first secret is written */
  constructor(directory: string) {
    this.#directory = directory
  }

  /** Writes a secret to a file of its own that only this user reads; resolves once it is durable. */
  async write(topic: string, appendedAt: number, bytes: Buffer): Promise<SecretName> {
    const directory = await this.#make(topic)
    const name = { appendedAt, id: randomBytes(idBytes) }
    const file = await open(join(directory, fileName(name)), 'wx', 0o600)
    try {
      const header = Buffer.alloc(headerBytes)
      header.writeUInt32LE(crc32(bytes))
      await file.writev([header, bytes])
      await file.sync()
    } finally {
      await file.close()
    }
    await syncDirectory(directory)
    return name
  }

  /** The secret, or undefined when it has been removed. @throws Error when its file is damaged */
  read(topic: string, name: SecretName): Buffer | undefined {
    const path = join(this.#directory, encodeURIComponent(topic), fileName(name))
    const first = readWhole(path)
    if (first === undefined || first.bytes !== undefined) return first?.bytes
    const second = readWhole(path) // the first look may have met it while it was overwritten
    if (second === undefined || second.isOverwritten) return undefined
    if (second.bytes === undefined) throw new Error(`${path} is damaged`)
    return second.bytes
  }

  /** Overwrites and unlinks the topic's secrets that are older; those that no chunk names, after a crash, too. */
  async removeBefore(topic: string, appendedAt: number): Promise<void> {
    const directory = join(this.#directory, encodeURIComponent(topic))
    const names = await readdir(directory).catch(unlessMissing(() => []))
    const old = names.filter((name) => Number(namePattern.exec(name)?.[1] ?? Infinity) < appendedAt)
    if (old.length === 0) return
    for (const name of old) await removeFile(join(directory, name)).catch(unlessMissing(() => undefined))
    await syncDirectory(directory)
  }

  async #make(topic: string): Promise<string> {
    const directory = join(this.#directory, encodeURIComponent(topic))
    if (this.#made.has(topic)) return directory
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await syncDirectory(this.#directory)
    await syncDirectory(join(this.#directory, '..'))
    this.#made.add(topic)
    return directory
  }
}

function fileName({ appendedAt, id }: SecretName): string {
  return `${appendedAt}-${id.toString('hex')}`
}

interface WholeFile {
  /** Undefined when the checksum does not fit. */
  readonly bytes: Buffer | undefined
  readonly isOverwritten: boolean
}

/** Undefined when there is no such file. */
function readWhole(path: string): WholeFile | undefined {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  try {
    const content = readFileSync(descriptor)
    const bytes = content.subarray(headerBytes)
    const isWhole = bytes.length > 0 && content.readUInt32LE() === crc32(bytes)
    return { bytes: isWhole ? bytes : undefined, isOverwritten: bytes[0] === 0 }
  } finally {
    closeSync(descriptor)
  }
}

/** Another thread or process may do the same at the same time. */
async function removeFile(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const { size } = await file.stat()
    await file.write(Buffer.alloc(size), 0, size, 0)
    await file.datasync()
  } finally {
    await file.close()
  }
  await unlink(path)
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function unlessMissing<T>(then: () => T): (error: unknown) => T {
  return (error) => {
    if (isMissing(error)) return then()
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

import { opendir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describeError, findInFile } from '@millrace/runtime'

/** Finds that are kept of one file: more of the same say nothing new. */
const findsPerFileMax = 3
/** Lines of finds, and of what cannot be read, that are kept of one directory: fewer tell as much. */
const linesMax = 100

export interface SearchedFor {
  readonly bytes: Buffer
  /** What it is, for whoever reads where it was found. */
  readonly what: string
}

export interface SearchResult {
  readonly files: number
  readonly bytes: number
  /** `path, byte n: what`; the search ends when there are too many */
  readonly finds: readonly string[]
  /** What could not be read, and why. */
  readonly unreadable: readonly string[]
}

/**
 * Looks for the bytes in every file below the directory, links followed; files that come or go meanwhile may be missed.
 * @param onRead told the bytes of each step
 */
export async function searchFiles(
  directory: string,
  wanted: readonly SearchedFor[],
  onRead: (bytes: number) => void,
): Promise<SearchResult> {
  const result = { files: 0, bytes: 0, finds: [] as string[], unreadable: [] as string[] }
  const countRead = (bytes: number): void => {
    result.bytes += bytes
    onRead(bytes)
  }
  for await (const { path, error } of filesBelow(directory)) {
    try {
      if (error !== undefined) throw error
      result.finds.push(...(await searchFile(path, wanted, countRead)))
      result.files++
    } catch (cause) {
      if (!isMissing(cause)) result.unreadable.push(`${path}: ${describeError(cause)}`)
    }
    if (result.finds.length + result.unreadable.length >= linesMax) break
  }
  return result
}

/** Bytes of all files below the directory, as far as they can be seen. */
export async function bytesBelow(directory: string): Promise<number> {
  let bytes = 0
  for await (const { size } of filesBelow(directory)) bytes += size
  return bytes
}

async function searchFile(
  path: string,
  wanted: readonly SearchedFor[],
  onRead: (bytes: number) => void,
): Promise<string[]> {
  const finds: string[] = []
  const needles = wanted.map(({ bytes }) => bytes)
  for await (const { needle, at } of findInFile(path, needles, { onRead })) {
    const what = wanted.find(({ bytes }) => bytes === needle)?.what ?? ''
    finds.push(`${path}, byte ${at}: ${what}`)
    if (finds.length === findsPerFileMax) break
  }
  return finds
}

interface FoundFile {
  readonly path: string
  readonly size: number
  /** Why a file or directory cannot be seen. */
  readonly error?: Error
}

async function* filesBelow(directory: string, seen = new Set<string>()): AsyncGenerator<FoundFile> {
  const real = await realpath(directory)
  if (seen.has(real)) return // a link back up
  seen.add(real)
  for await (const { name } of await opendir(directory)) {
    const path = join(directory, name)
    try {
      const entry = await stat(path)
      if (entry.isDirectory()) yield* filesBelow(path, seen)
      else if (entry.isFile()) yield { path, size: entry.size }
    } catch (cause) {
      yield { path, size: 0, error: cause instanceof Error ? cause : new Error(String(cause)) }
    }
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

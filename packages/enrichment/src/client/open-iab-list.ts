import { readFile, stat } from 'node:fs/promises'
import { IabList } from './iab-list.ts'

/** The largest file of the list that is read. */
export const iabFileBytesMax = 16 * 1024 * 1024

/** Paths of the files of the IAB/ABC International Spiders and Bots List. */
export interface IabPaths {
  readonly browsers: string | undefined
  readonly robots: string | undefined
  readonly addresses: string | undefined
}

/**
 * Reads the list, once: it comes out monthly, and a new one counts from the next start. Without files there is none.
 * @param now Unix milliseconds
 * @throws Error with one line, where a file cannot be read or is in another form, or one of browsers and robots is missing
 */
export async function openIabList(paths: IabPaths, now: number): Promise<IabList | undefined> {
  const { browsers, robots, addresses } = paths
  if (browsers === undefined && robots === undefined && addresses === undefined) return undefined
  // Alone, either of them would call nearly everybody a robot, or nobody.
  if (browsers === undefined || robots === undefined) {
    throw new Error('IAB/ABC list: the files of browsers and robots are needed together')
  }
  const files = {
    browsers: await read(browsers),
    robots: await read(robots),
    addresses: addresses === undefined ? '' : await read(addresses),
  }
  try {
    return new IabList(files, now)
  } catch (cause) {
    throw new Error(`IAB/ABC list: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

async function read(file: string): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size > iabFileBytesMax) throw new Error(`has ${size} bytes, at most ${iabFileBytesMax}`)
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Error(`IAB/ABC list ${file}: ${cause instanceof Error ? cause.message : 'unreadable'}`, {
      cause,
    })
  }
}

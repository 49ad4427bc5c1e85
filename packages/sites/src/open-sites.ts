import { readFile, stat } from 'node:fs/promises'
import { delay, describeError, OptionsError } from '@millrace/runtime'
import { acceptAllSites, parseSites, type SiteDirectory } from './site-directory.ts'

/** Larger than any file of 100,000 sites with their rules. */
const fileBytesMax = 64 * 1024 * 1024
const pollMsDefault = 1_000

export interface SitesReloaded {
  readonly file: string
  readonly sites: number
}

export interface OpenSites {
  /** The newest good version. */
  current(): SiteDirectory
  /** Stops looking for changes; resolves when the look in hand has ended. */
  close(): Promise<void>
}

/**
 * Reads the sites file and reads it again when it changes: written in place, replaced by a rename, or behind a link that
 * now points elsewhere. A bad version, or a file that is gone, is refused and the old version kept.
 * @param options.file undefined: every site and key is accepted
 * @param options.onRefused called once for a bad version, not again at each look
 * @param options.pollMs how often to look; polling, since file system events get lost over networks and mounts
 * @throws OptionsError, one line, when the first version is bad
 */
export async function openSites(options: {
  readonly file: string | undefined
  readonly onReload: (info: SitesReloaded) => void
  readonly onRefused: (error: OptionsError) => void
  readonly pollMs?: number
}): Promise<OpenSites> {
  const { file, pollMs = pollMsDefault } = options
  if (file === undefined) {
    const everySite = acceptAllSites()
    return { current: () => everySite, close: () => Promise.resolve() }
  }
  const watched = new WatchedSites(file, await look(file, undefined), options)
  watched.start(pollMs)
  return { current: () => watched.current, close: () => watched.close() }
}

interface Version {
  /** Identity, size and times of the file as they were before it was read. */
  readonly mark: string
  readonly text: string
  /** Read twice under one mark: a change within the clock's tick, before the mark can differ, is not missed. */
  readonly isSettled: boolean
}

class WatchedSites {
  current: SiteDirectory
  readonly #file: string
  readonly #onReload: (info: SitesReloaded) => void
  readonly #onRefused: (error: OptionsError) => void
  #version: Version
  /** Why the last look could not read the file; empty when it could. */
  #unreadable = ''
  readonly #closing = new AbortController()
  #looking: Promise<void> = Promise.resolve()

  constructor(
    file: string,
    first: Version,
    callbacks: {
      readonly onReload: (info: SitesReloaded) => void
      readonly onRefused: (error: OptionsError) => void
    },
  ) {
    this.#file = file
    this.#version = first
    this.#onReload = callbacks.onReload
    this.#onRefused = callbacks.onRefused
    this.current = parseFile(file, first.text)
  }

  start(pollMs: number): void {
    this.#looking = this.#lookUntilClosed(pollMs)
  }

  close(): Promise<void> {
    this.#closing.abort()
    return this.#looking
  }

  async #lookUntilClosed(pollMs: number): Promise<void> {
    const { signal } = this.#closing
    for (;;) {
      await delay(pollMs, signal)
      if (signal.aborted) return
      await this.#lookAgain()
    }
  }

  async #lookAgain(): Promise<void> {
    const [before, wasUnreadable] = [this.#version, this.#unreadable !== '']
    try {
      this.#version = await look(this.#file, before)
      this.#unreadable = ''
    } catch (error) {
      if (!(error instanceof OptionsError)) throw error
      if (error.message !== this.#unreadable) this.#onRefused(error)
      this.#unreadable = error.message
      return
    }
    if (this.#version.text !== before.text || wasUnreadable) this.#take(this.#version.text)
  }

  #take(text: string): void {
    try {
      this.current = parseFile(this.#file, text)
    } catch (error) {
      if (!(error instanceof OptionsError)) throw error
      this.#onRefused(error)
      return
    }
    this.#onReload({ file: this.#file, sites: this.current.sites.length })
  }
}

/** The file's version now; the one before when nothing says that it changed. @throws OptionsError when unreadable */
async function look(file: string, before: Version | undefined): Promise<Version> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true })
    const mark = [dev, ino, size, mtimeNs, ctimeNs].join(':')
    if (before?.isSettled === true && before.mark === mark) return before
    if (size > fileBytesMax) throw new Error(`has more than ${String(fileBytesMax)} bytes`)
    return { mark, text: await readFile(file, 'utf8'), isSettled: before?.mark === mark }
  } catch (error) {
    throw new OptionsError(`SITES_FILE ${file}: cannot be read: ${describeError(error)}`)
  }
}

function parseFile(file: string, text: string): SiteDirectory {
  try {
    return parseSites(text)
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error
    throw new OptionsError(`SITES_FILE ${file}: ${error.message}`)
  }
}

import { readFile, stat } from 'node:fs/promises'
import { urlParts, withoutWww } from './url-parts.ts'

/** The largest list that is read. Matomo's has 2,347 hosts in 37 kB. */
export const spamFileBytesMax = 16 * 1024 * 1024

export interface ReferrerSpam {
  /** Whether the referrer's host, without `www.`, is on the list: exactly, as Plausible does (section 9), no suffix match. */
  has(referrerUrl: string): boolean
  /** Hosts on the list. */
  readonly size: number
}

/**
 * Reads a list of hosts, one a line, `#` comments (Matomo's `spammers.txt`). Without a file nothing is spam.
 * @throws Error with one line when the file cannot be read or holds a line that is no host
 */
export async function openReferrerSpam(file: string | undefined): Promise<ReferrerSpam> {
  return referrerSpam(file === undefined ? [] : parseHosts(await readList(file), file))
}

async function readList(file: string): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size > spamFileBytesMax) throw new Error(`has ${size} bytes, at most ${spamFileBytesMax}`)
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Error(`referrer spam list ${file}: ${cause instanceof Error ? cause.message : 'unreadable'}`, {
      cause,
    })
  }
}

function parseHosts(text: string, file: string): string[] {
  const hosts: string[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const host = (line.split('#', 1)[0] ?? '').trim().toLowerCase()
    if (host === '') continue
    if (/[\s/:]/.test(host)) throw new Error(`referrer spam list ${file}: line ${index + 1} is no host`)
    hosts.push(withoutWww(host))
  }
  return hosts
}

function referrerSpam(hosts: readonly string[]): ReferrerSpam {
  const listed = new Set(hosts)
  return {
    size: listed.size,
    has(referrerUrl) {
      if (listed.size === 0 || referrerUrl === '') return false
      const host = urlParts(referrerUrl).host.toLowerCase()
      return listed.has(withoutWww(host))
    },
  }
}

import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { OptionsError } from '@millrace/runtime'
import { ipClasses, type IpClass } from './ip-class.ts'
import { parseOperatorList, type OperatorList } from './operator-list.ts'

/** A file or folder of lists, and the class of what they name. */
export interface ClassListPath {
  readonly ipClass: IpClass
  readonly path: string
}

const pathsMax = 100
const filesMax = 100
const fileBytesMax = 256 * 1024 * 1024

/**
 * Reads `class=path,class=path`; a class may come several times.
 * @throws OptionsError, one line
 */
export function parseClassListPaths(option: string | undefined): readonly ClassListPath[] {
  if (option === undefined) return []
  const parts = option.split(',').map((part) => part.trim())
  if (parts.length > pathsMax) {
    throw new OptionsError(`invalid options: IP_CLASS_LISTS: more than ${String(pathsMax)} paths`)
  }
  return parts.map((part) => {
    const equals = part.indexOf('=')
    const ipClass = ipClasses.find((known) => known === part.slice(0, equals).trim())
    const path = part.slice(equals + 1).trim()
    if (equals < 0 || ipClass === undefined || path === '') {
      throw new OptionsError(
        `invalid options: IP_CLASS_LISTS: expected class=path, comma separated, class one of ${ipClasses.join(', ')} (got ${JSON.stringify(part)})`,
      )
    }
    return { ipClass, path }
  })
}

/** The file, or every file of the folder that is not hidden, by name. @throws Error with one line */
export async function listFiles(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path]
    const entries = await readdir(path, { withFileTypes: true })
    const names = entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    if (names.length > filesMax) throw new Error(`more than ${String(filesMax)} files`)
    return names.map(({ name }) => join(path, name)).toSorted()
  } catch (cause) {
    throw unusable(path, cause)
  }
}

/** The lists of the files, one after the other, and the newest file's date. @throws Error with one line that names the file */
export async function readListFiles(
  files: readonly string[],
): Promise<{ readonly list: OperatorList; readonly changedAt: Date }> {
  const ranges: OperatorList['ranges'][number][] = []
  const asns: number[] = []
  let changedAt = new Date(0)
  for (const file of files) {
    try {
      const { size, mtime } = await stat(file)
      if (size > fileBytesMax) throw new Error(`has more than ${String(fileBytesMax)} bytes`)
      const list = parseOperatorList(await readFile(file, 'utf8'))
      for (const range of list.ranges) ranges.push(range)
      for (const asn of list.asns) asns.push(asn)
      if (mtime > changedAt) changedAt = mtime
    } catch (cause) {
      throw unusable(file, cause)
    }
  }
  return { list: { ranges, asns }, changedAt }
}

function unusable(path: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : 'unreadable'
  return new Error(`address list ${path} cannot be used: ${reason}`, { cause })
}

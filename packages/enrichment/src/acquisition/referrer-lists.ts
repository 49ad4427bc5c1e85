import { readFile, stat } from 'node:fs/promises'
import { OptionsError } from '@millrace/runtime'
import { parseReferrerList } from './referrer-list.ts'
import { sourceCategories, type SourceCategory } from './source-category.ts'
import { SourceTable, type ListedReferrer } from './source-table.ts'

/** Sources with the operator's lists, and which lists they are: `referrers=2026-11-19`, the newest file's date. */
export interface ReferrerSources {
  readonly table: SourceTable
  readonly version: string
}

/** Matomo's three files have 60 kB. */
export const listBytesMax = 16 * 1024 * 1024
const filesMax = 100

/**
 * Reads the lists that `REFERRER_LISTS` names: `kind=file,kind=file`, a kind of `sourceCategories` each; earlier ones win.
 * @returns undefined without any
 * @throws OptionsError, or Error with one line when a file cannot be used
 */
export async function openReferrerLists(option: string | undefined): Promise<ReferrerSources | undefined> {
  if (option === undefined) return undefined
  const listed: ListedReferrer[] = []
  let changedAt = new Date(0)
  for (const { category, file } of parseOption(option)) {
    const read = await readList(file)
    if (read.changedAt > changedAt) changedAt = read.changedAt
    for (const { name, hosts } of read.list) {
      for (const key of hosts) listed.push({ key, source: name, category })
    }
  }
  return { table: new SourceTable(listed), version: `referrers=${changedAt.toISOString().slice(0, 10)}` }
}

function parseOption(option: string): { category: SourceCategory; file: string }[] {
  const parts = option.split(',').map((part) => part.trim())
  if (parts.length > filesMax) throw refused(`more than ${filesMax} files`)
  return parts.map((part) => {
    const equals = part.indexOf('=')
    const category = sourceCategories.find((known) => known === part.slice(0, equals).trim())
    const file = part.slice(equals + 1).trim()
    if (equals < 0 || category === undefined || file === '') {
      throw refused(
        `expected kind=file, comma separated, kind one of ${sourceCategories.join(', ')} (got ${JSON.stringify(part)})`,
      )
    }
    return { category, file }
  })
}

function refused(reason: string): OptionsError {
  return new OptionsError(`invalid options: REFERRER_LISTS: ${reason}`)
}

async function readList(file: string) {
  try {
    const { size, mtime } = await stat(file)
    if (size > listBytesMax) throw new Error(`has ${size} bytes, at most ${listBytesMax}`)
    return { list: parseReferrerList(await readFile(file, 'utf8')), changedAt: mtime }
  } catch (cause) {
    throw new Error(
      `referrer list ${file} cannot be used: ${cause instanceof Error ? cause.message : 'unreadable'}`,
      { cause },
    )
  }
}

import { describe, expect, it } from 'vitest'
import { UsageError } from './command.ts'
import { readImportArguments } from './import-options.ts'

describe('readImportArguments', () => {
  it.each([
    [
      'a file',
      ['a.ndjson'],
      { rejects: 'a.ndjson.rejected.ndjson', rate: undefined, isDryRun: false, waits: true },
    ],
    ['a rate', ['a.ndjson', '--rate', '100'], { rate: 100 }],
    ['another place for rejects', ['--rejects', 'r', 'a.ndjson'], { rejects: 'r' }],
    ['a dry run', ['--dry-run', 'a.ndjson'], { isDryRun: true }],
    ['--wait', ['a.ndjson', '--wait'], { waits: true }],
    ['--no-wait', ['a.ndjson', '--no-wait'], { waits: false }],
  ])('reads %s', (_, args, expected) => {
    expect(readImportArguments(args)).toMatchObject({ file: 'a.ndjson', ...expected })
  })

  it.each([
    ['no file', [], /name one file/],
    ['two files', ['a', 'b'], /name one file/],
    ['standard input', ['-'], /write it to a file first/],
    ['an unknown option', ['a', '--force'], /--force/],
    ['a rate of nothing', ['a', '--rate', '0'], /whole number/],
    ['rejects over the file', ['a', '--rejects', 'a'], /the file itself/],
  ])('refuses %s', (_, args, message) => {
    expect(() => readImportArguments(args)).toThrow(UsageError)
    expect(() => readImportArguments(args)).toThrow(message)
  })
})

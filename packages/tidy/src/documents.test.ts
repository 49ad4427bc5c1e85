import { describe, expect, it } from 'vitest'
import { readText, readWorkspaces } from './workspaces.ts'

const readme = readText('README.md')
const sources = readWorkspaces()
  .flatMap((workspace) => workspace.sources)
  .filter(({ isTest }) => !isTest)

/** Every distinct first group of the pattern in the sources whose path matches. */
function found(path: RegExp, pattern: RegExp): string[] {
  const names = sources
    .filter((source) => path.test(source.path))
    .flatMap(({ text }) => [...text.matchAll(pattern)].map((match) => match[1] ?? ''))
  return [...new Set(names)].toSorted()
}

describe('the README', () => {
  const optionNames = found(/(config|options)\.ts$/, /^ {2,4}([A-Z][A-Z0-9_]+):/gm)
  const metricNames = found(/internal-events\.ts$/, /'(millrace_[a-z_]+)'/g)
  const dropReasons = found(/events\/src\/drop-reason\.ts$/, /^ {2}'([a-z_]+)'/gm)
  const errorCodes = found(/(log|store)-error\.ts$/, /\| '([A-Z_]+)'/g)

  it('has something to document', () => {
    for (const names of [optionNames, metricNames, dropReasons, errorCodes])
      expect(names.length).toBeGreaterThan(5)
  })
  it.each(optionNames)('documents the option %s', (name) => expect(readme).toContain(`\`${name}\``))
  it.each(metricNames)('documents the metric %s', (name) => expect(readme).toContain(`\`${name}\``))
  it.each(dropReasons)('documents the drop reason %s', (name) => expect(readme).toContain(`\`${name}\``))
  it.each(errorCodes)('documents the error code %s', (name) => expect(readme).toContain(`\`${name}\``))
})

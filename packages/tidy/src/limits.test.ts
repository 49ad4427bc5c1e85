import { describe, expect, it } from 'vitest'
import { readText, readWorkspaces } from './workspaces.ts'

/** Rows of the README's table of limits: name, value, file. */
const rows = [...readText('README.md').matchAll(/^\| `(\w+)` \| ([\d,]+) \| (\S+\.ts) \|/gm)].map(
  ([, name = '', value = '', file = '']) => ({ name, value: Number(value.replaceAll(',', '')), file }),
)
/** A sender meets these, so each has a row. */
const bodyLimit = /^export const (\w*(?:BodyBytes|Elements|Fields|pieces)Max) = /gm

describe("the README's table of limits", () => {
  it('has rows', () => {
    expect(rows.length).toBeGreaterThan(20)
  })

  it.each(rows)('says what the code says of $name in $file', ({ name, value, file }) => {
    const given = new RegExp(`\\b${name}(?: =|:) ([\\d_ *]+)`).exec(readText(file))?.[1]
    const factors = (given ?? '').split('*').map((factor) => Number(factor.replaceAll('_', '')))
    expect(factors.reduce((product, factor) => product * factor, 1)).toBe(value)
  })

  it('has every limit of bodies, fields and batches of the protocols', () => {
    const found = readWorkspaces()
      .filter(({ directory }) => directory === 'packages/protocols')
      .flatMap(({ sources }) => sources)
      .flatMap(({ text }) => [...text.matchAll(bodyLimit)].map(([, name = '']) => name))
    expect(found.length).toBeGreaterThan(3)
    for (const name of found) expect(rows.map((row) => row.name)).toContain(name)
  })
})

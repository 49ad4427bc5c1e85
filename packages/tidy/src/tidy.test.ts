import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importedPackages, readText, readWorkspaces, root } from './workspaces.ts'

const workspaces = readWorkspaces()
const sources = workspaces.flatMap((workspace) => workspace.sources)
const rootManifest = JSON.parse(readText('package.json')) as { devDependencies: Record<string, string> }
const tools = new Set(Object.keys(rootManifest.devDependencies))
const lineCountMax = 400

describe('the tree', () => {
  it('has a closed top level', () => {
    const allowed = new Set(
      'package.json package-lock.json tsconfig.json services packages migrations docker-compose.yml README.md'.split(
        ' ',
      ),
    )
    const extra = readdirSync(root).filter(
      (name) => !allowed.has(name) && !name.startsWith('.') && name !== 'node_modules' && name !== 'data',
    )
    expect(extra).toEqual([])
  })

  it('holds no file above its size', () => {
    const long = sources.filter(({ isTest, text }) => !isTest && text.split('\n').length > lineCountMax)
    expect(long.map(({ path }) => path)).toEqual([])
  })

  it('leaves nothing to fix later', () => {
    const marks = new RegExp(`\\b(${['FIX', 'ME|TO', 'DO|X', 'XX'].join('')})\\b`)
    expect(sources.filter(({ text }) => marks.test(text)).map(({ path }) => path)).toEqual([])
  })

  it('reads process.env in one package, and in testing doors', () => {
    const readers = sources
      .filter(({ isTest, path }) => !isTest && !path.startsWith('packages/e2e/'))
      .filter(({ text }) => text.includes('process.env'))
    expect(readers.map(({ path }) => path).filter((path) => !path.startsWith('packages/runtime/'))).toEqual(
      [],
    )
  })

  it('locks dependencies without download addresses', () => {
    expect(readText('package-lock.json')).not.toMatch(/"resolved": "https?:/)
  })
})

describe.each(workspaces)('$directory', (workspace) => {
  const imported = (files: typeof workspace.sources) =>
    new Set(files.flatMap(({ text }) => importedPackages(text)).filter((name) => name !== workspace.name))
  const shipped = imported(workspace.sources.filter(({ isTest }) => !isTest))
  const tested = imported(workspace.sources.filter(({ isTest }) => isTest))

  it('declares every package it imports', () => {
    const declared = new Set([...workspace.dependencies, ...workspace.devDependencies])
    expect([...shipped].filter((name) => !workspace.dependencies.includes(name) && !tools.has(name))).toEqual(
      [],
    )
    expect([...tested].filter((name) => !declared.has(name) && !tools.has(name))).toEqual([])
  })

  it('imports every package it declares', () => {
    expect(workspace.dependencies.filter((name) => !shipped.has(name))).toEqual([])
    expect(workspace.devDependencies.filter((name) => !tested.has(name))).toEqual([])
  })

  it('refers to every workspace it imports, and to no other', () => {
    const workspaceImports = [...shipped, ...tested].filter((name) => name.startsWith('@millrace/'))
    expect(workspace.references.toSorted()).toEqual([...new Set(workspaceImports)].toSorted())
  })

  it('says what it is in one sentence, the same in its manifest and at its door', () => {
    const door = workspace.sources.find(({ path }) => path === `${workspace.directory}/src/index.ts`)
    if (door !== undefined) expect(door.text.split('\n')[0]).toBe(`/** ${workspace.description} */`)
    else expect(workspace.description).toMatch(/^[A-Z].*\.$/)
  })
})

describe('migrations', () => {
  // ClickHouse takes a view that was altered for another one until its next start, and counts a repeated insert twice.
  it('alter no view: DROP and CREATE it under its name, with the sinks stopped', () => {
    const sql = readdirSync(join(root, 'migrations'))
      .map((name) => readText(`migrations/${name}`))
      .join('\n')
    const named = (pattern: RegExp) => [...sql.matchAll(pattern)].map(([, name]) => name)
    const views = named(/MATERIALIZED VIEW (?:IF NOT EXISTS )?(\w+)/g)
    const changed = named(/(?:ALTER|RENAME|EXCHANGE) TABLES? (\w+)/g)
    expect(views).toContain('session_states_mv')
    expect(changed.filter((table) => views.includes(table))).toEqual([])
  })

  it('are numbered from 0001 without a gap', () => {
    const names = readdirSync(join(root, 'migrations')).toSorted()
    expect(names.length).toBeGreaterThan(0)
    const expected = names.map((_, index) => String(index + 1).padStart(4, '0'))
    expect(names.map((name) => name.split('_')[0])).toEqual(expected)
  })
})

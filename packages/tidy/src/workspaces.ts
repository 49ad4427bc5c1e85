import { readdirSync, readFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../..', import.meta.url))

export interface Workspace {
  /** Such as `packages/log`. */
  readonly directory: string
  readonly name: string
  readonly description: string
  readonly dependencies: readonly string[]
  readonly devDependencies: readonly string[]
  /** Workspace folders that its tsconfig refers to, by package name. */
  readonly references: readonly string[]
  readonly sources: readonly SourceFile[]
}

export interface SourceFile {
  /** From the root, such as `packages/log/src/index.ts`. */
  readonly path: string
  readonly text: string
  readonly isTest: boolean
}

interface Manifest {
  readonly name: string
  readonly description: string
  readonly dependencies?: Record<string, string>
  readonly devDependencies?: Record<string, string>
}

/** Every workspace under packages and services with its sources. */
export function readWorkspaces(): Workspace[] {
  return ['packages', 'services'].flatMap((parent) =>
    readdirSync(join(root, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(root, parent, entry.name, 'package.json')))
      .map((entry) => readWorkspace(`${parent}/${entry.name}`)),
  )
}

function readWorkspace(directory: string): Workspace {
  const manifest = readJson(`${directory}/package.json`) as Manifest
  const { references = [] } = readJson(`${directory}/tsconfig.json`) as { references?: { path: string }[] }
  return {
    directory,
    name: manifest.name,
    description: manifest.description,
    dependencies: Object.keys(manifest.dependencies ?? {}),
    devDependencies: Object.keys(manifest.devDependencies ?? {}),
    references: references.map(
      ({ path }) => (readJson(join(directory, path, 'package.json')) as Manifest).name,
    ),
    sources: readSources(`${directory}/src`),
  }
}

function readSources(directory: string): SourceFile[] {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = `${directory}/${entry.name}`
    if (entry.isDirectory()) return readSources(path)
    if (!entry.name.endsWith('.ts')) return []
    const isTest = /\.(test|bench)\.ts$|testing\.ts$|-contract\.ts$|\/test-[^/]*\.ts$/.test(path)
    return [{ path, text: readText(path), isTest }]
  })
}

export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

function readJson(path: string): unknown {
  return JSON.parse(readText(path))
}

/** The packages a file imports, by package name; relative imports and Node's own modules are left out. */
export function importedPackages(text: string): string[] {
  const specifiers = [
    ...text.matchAll(/^(?:import|export)\s[^'"`;]*?from\s+'([^']+)'/gm),
    ...text.matchAll(/^import\s+'([^']+)'/gm),
    ...text.matchAll(/(?:\bimport|\brequire|\.resolve)\(\s*'([^']+)'/g),
  ].map((match) => match[1] ?? '')
  const names = specifiers
    .filter((specifier) => !/^(\.|node:|\/)/.test(specifier))
    .map((specifier) =>
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/'),
    )
  return [...new Set(names)]
}

import { expect, it } from 'vitest'
import { readText } from './workspaces.ts'

const scripts = (JSON.parse(readText('package.json')) as { scripts: Record<string, string> }).scripts
const starts = Object.entries(scripts).filter(([name]) => name === 'start' || name.startsWith('start:'))
const flag = /--max-semi-space-size=(\d+)/.exec(scripts.start ?? '')?.[0] ?? 'none'

it.each(starts)('%s starts Node with the flags of the others', (_name, command) => {
  expect(command).toContain(`node ${flag} `)
})

it.each(['.docker/Dockerfile', 'packages/e2e/src/service-process.ts'])('%s has the same flags', (path) => {
  expect(readText(path)).toContain(flag)
})

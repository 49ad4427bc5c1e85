import { expect, it } from 'vitest'
import { readText } from './workspaces.ts'

const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> }
const flag = '--max-semi-space-size=64'

it.each(['start:enricher', 'start:sink'])('%s gives Node the flag of the consumers', (name) => {
  expect(scripts[name]).toContain(`node ${flag} `)
})

it.each(['start', 'start:producer'])('%s leaves it to Node, whose pauses are shorter', (name) => {
  expect(scripts[name]).not.toContain('--max-semi-space-size')
})

it.each(['docker-compose.yml', 'packages/e2e/src/service-process.ts', 'README.md'])(
  '%s has the same flag',
  (path) => {
    expect(readText(path)).toContain(flag)
  },
)

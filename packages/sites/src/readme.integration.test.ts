import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { parseSites } from './site-directory.ts'

it('reads the sites file that the README shows, each option of which says what is the default or an example', async () => {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8')
  const shown = /\*\*Sites file\*\*[^]*?```json\n([^]*?)```/.exec(readme)?.[1] ?? ''
  const site = parseSites(shown).find('example.com')
  expect(site).toMatchObject({
    bots: 'drop',
    emails: 'hash',
    rateLimit: { eventsPerSecond: 500, burst: 2_000 },
  })
  expect(Object.keys((JSON.parse(shown) as { sites: object[] }).sites[0] ?? {}).toSorted()).toEqual(
    'bots domain emails goals kameleoon octeth rateLimit shields successeve'.split(' '),
  )
  expect(parseSites(shown.replace('"hash"', '"clear"')).find('example.com')?.emails).toBe('clear')
})

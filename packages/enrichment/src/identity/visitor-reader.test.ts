import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { UserAgentReader } from '../client/user-agent-reader.ts'
import { userId } from './user-id.ts'
import { VisitorReader, visitorCharsMax, type SaltPair, type Visitor } from './visitor-reader.ts'

const [one, two, three] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2), Buffer.alloc(16, 3)] as const
const visitor: Visitor = { userAgent: 'Firefox', ip: '81.2.69.142', site: 'a.com', hostname: 'www.a.com' }

function expected(of: Visitor, { salt, previousSalt }: SaltPair) {
  const device = new UserAgentReader().read(of.userAgent, of.clientHints)
  return { userId: userId(salt, of), previousUserId: userId(previousSalt, of), device }
}

test('answers as without a memory, again and again, whatever the salts', () => {
  const reader = new VisitorReader(new UserAgentReader())
  const visitors = [
    visitor,
    { ...visitor, hostname: 'b.com' },
    { ...visitor, site: '' },
    { ...visitor, ip: '81.2.69.14', site: '2a.com' },
    { ...visitor, site: 'a.comwww.', hostname: 'a.com' },
    { ...visitor, hostname: 'www.a.co', userAgent: 'mFirefox' },
    { ...visitor, userAgent: 'Mosaic!' },
    { ...visitor, clientHints: {} },
    { ...visitor, clientHints: { platform: '"Windows"', platformVersion: '"15.0.0"' } },
    { ...visitor, clientHints: { platform: '"Windows"', platformVersion: '"13.0.0"' } },
    { ...visitor, clientHints: { brands: '"Brave";v="1"', mobile: '?1', model: '"X"' } },
    { ...visitor, userAgent: 'Firefox'.repeat(visitorCharsMax) },
  ]
  const pairs = [
    { salt: two, previousSalt: one },
    { salt: three, previousSalt: two },
    { salt: three, previousSalt: three },
  ]
  for (let round = 0; round < 3; round++) {
    for (const pair of pairs) {
      for (const each of [...visitors, ...visitors]) {
        expect(reader.read(each, pair)).toEqual(expected(each, pair))
      }
    }
  }
})

test('remembers as long as both salts are held, and no longer', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const reader = new VisitorReader(new UserAgentReader())
  const held = { salt: Buffer.alloc(16, 4) as Buffer | undefined, previousSalt: Buffer.alloc(16, 5) }
  const known = new WeakRef(reader.read(visitor, { ...held, salt: held.salt ?? one }))
  await nextTurn()
  collectGarbage()
  expect(known.deref()).toBeDefined()
  await nextTurn()
  held.salt = undefined
  collectGarbage()
  expect(known.deref()).toBeUndefined()
  expect(held.previousSalt).toHaveLength(16)
})

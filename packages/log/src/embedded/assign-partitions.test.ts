import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignPartitions } from './assign-partitions.ts'

const nobody = undefined

describe('assignPartitions', () => {
  it.each([
    { name: 'one member takes all', owners: [nobody, nobody], members: ['a'], gives: ['a', 'a'] },
    { name: 'nobody takes none', owners: ['a', nobody], members: [], gives: [] },
    {
      name: 'a second gets half',
      owners: ['a', 'a', 'a', 'a'],
      members: ['a', 'b'],
      gives: ['a', 'a', 'b', 'b'],
    },
    { name: 'a dead one is replaced', owners: ['a', 'b', 'b'], members: ['a', 'c'], gives: ['a', 'a', 'c'] },
    {
      name: 'an even spread stays',
      owners: ['b', 'a', 'b', 'a'],
      members: ['a', 'b'],
      gives: ['b', 'a', 'b', 'a'],
    },
    {
      name: 'who owns more keeps the odd one',
      owners: ['b', 'b', 'a'],
      members: ['a', 'b'],
      gives: ['b', 'b', 'a'],
    },
    { name: 'more members than partitions', owners: [nobody], members: ['a', 'b', 'c'], gives: ['a'] },
  ])('$name', ({ owners, members, gives }) => {
    expect(assignPartitions(owners, members)).toEqual(gives)
  })

  const anOwner = fc.option(fc.constantFrom<string[]>('a', 'b', 'c', 'd', 'gone'), { nil: undefined })
  const someMembers = fc.uniqueArray(fc.constantFrom<string[]>('a', 'b', 'c', 'd', 'e'), { minLength: 1 })

  it('gives every partition to a member, in shares that differ by one at most', () => {
    fc.assert(
      fc.property(fc.array(anOwner, { minLength: 1, maxLength: 40 }), someMembers, (owners, members) => {
        const assigned = assignPartitions(owners, members)
        expect(assigned).toHaveLength(owners.length)
        const shares = members.map((member) => assigned.filter((one) => one === member).length)
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(owners.length)
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('is the same for everyone, and stays as it is once it has been carried out', () => {
    fc.assert(
      fc.property(fc.array(anOwner, { minLength: 1, maxLength: 40 }), someMembers, (owners, members) => {
        const assigned = assignPartitions(owners, members)
        expect(assignPartitions(owners, members.toReversed())).toEqual(assigned)
        expect(assignPartitions(assigned, members)).toEqual(assigned)
      }),
    )
  })

  it('settles when releases and claims come one at a time, in any order', () => {
    fc.assert(
      fc.property(
        fc.array(anOwner, { minLength: 1, maxLength: 12 }),
        someMembers,
        fc.array(fc.nat(), { minLength: 60, maxLength: 60 }),
        (given, members, picks) => {
          const owners: (string | undefined)[] = [...given]
          let steps = 0
          for (const pick of picks) {
            const assigned = assignPartitions(owners, members)
            const open = owners.flatMap((owner, index) => (owner === assigned[index] ? [] : [index]))
            if (open.length === 0) break
            const partition = open[pick % open.length]!
            const isLive = owners[partition] !== undefined && members.includes(owners[partition])
            owners[partition] = isLive ? undefined : assigned[partition]
            steps++
          }
          expect(assignPartitions(owners, members)).toEqual(owners)
          expect(steps).toBeLessThanOrEqual(given.length * 2)
        },
      ),
    )
  })
})

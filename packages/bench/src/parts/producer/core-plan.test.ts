import { expect, it } from 'vitest'
import { planOf } from './core-plan.ts'

it.each([
  ["pid 7's current affinity list: 0,1\n", { server: '0', others: '1' }],
  ["pid 7's current affinity list: 2-4,8\n", { server: '2', others: '3,4,8' }],
  ["pid 7's current affinity list: 3\n", undefined],
  ['taskset: failed to get the affinity', undefined],
])('the plan for %s', (said, plan) => expect(planOf(said)).toEqual(plan))

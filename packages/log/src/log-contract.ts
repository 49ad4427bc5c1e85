import { describe } from 'vitest'
import { describeAppending } from './contract/appending-contract.ts'
import { describeAssignments } from './contract/assignment-contract.ts'
import { describeFollowing } from './contract/following-contract.ts'
import { describeGroups } from './contract/group-contract.ts'
import type { ContractLimits } from './contract/limits.ts'
import { LogBench, type LogUnderTest } from './contract/log-bench.ts'
import { describeReading } from './contract/reading-contract.ts'
import { describeTopics } from './contract/topic-contract.ts'

export type { ContractLimits } from './contract/limits.ts'
export type { LogUnderTest } from './contract/log-bench.ts'

/**
 * The promises of `Log`, as a suite that every implementation passes.
 * @param makeLog called once, before the first test; its `close` after the last
 * @param limits how long this implementation may take; raise them for a log behind a network
 */
export function describeLogContract(
  name: string,
  makeLog: () => Promise<LogUnderTest>,
  limits: Partial<ContractLimits> = {},
): void {
  describe(name, () => {
    const bench = new LogBench(makeLog, limits)
    describeTopics(bench)
    describeAppending(bench)
    describeAssignments(bench)
    describeGroups(bench)
    describeFollowing(bench)
    describeReading(bench)
  })
}

/**
 * A member of a group in a process of its own, which a test can freeze. Started with `fork`, the options as its
 * argument; says `owned`, and after being told to commit an offset, what came of it.
 */
import { openKafkaLog } from '../kafka/kafka-log.ts'
import type { Assignment } from '../log.ts'

export interface MemberProcessOptions {
  readonly brokers: readonly string[]
  readonly groupId: string
  readonly topic: string
  readonly sessionTimeoutMs: number
}

export type MemberMessage = { readonly owned: number } | { readonly committed: string }

const options = JSON.parse(process.argv[2] ?? '{}') as MemberProcessOptions

function tell(message: MemberMessage): void {
  process.send?.(message)
}

async function commitWhenTold(assignment: Assignment): Promise<void> {
  const offset = await new Promise<number>((resolve) => {
    process.once('message', (told) => {
      resolve(Number(told))
    })
    tell({ owned: assignment.partition })
  })
  const outcome = await assignment.commit({ offset, metadata: 'from the frozen member' }).then(
    () => 'done',
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  )
  tell({ committed: outcome })
}

const log = await openKafkaLog({ brokers: options.brokers, clientId: 'frozen-member' })
await log.consumer(options).run(commitWhenTold)

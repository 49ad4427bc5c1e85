import type { Logger } from '@millrace/runtime'
import type { CliConfig } from './config.ts'

/** One operator command. */
export interface Command {
  readonly usage: string
  readonly summary: string
  /** @returns the exit code */
  readonly run: (args: string[], context: CommandContext) => Promise<number>
}

export interface CommandContext {
  readonly config: CliConfig
  readonly terminal: Terminal
  readonly logger: Logger
}

/** Results go to standard output, everything else to standard error. */
export interface Terminal {
  readonly print: (text: string) => void
  readonly warn: (text: string) => void
  /** Whether a person watches: progress bars are drawn only then. */
  readonly isInteractive: boolean
}

/** The command was called wrongly; its usage line follows the message. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

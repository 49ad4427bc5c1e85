import { createLogger, describeError, OptionsError } from '@millrace/runtime'
import { readConfig } from './config.ts'
import { deadLettersCommand } from './dead-letters.ts'
import { doctorCommand } from './doctor.ts'
import { importCommand } from './import.ts'
import { loadCommand } from './load.ts'
import { migrateCommand } from './migrate.ts'
import { sqlCommand } from './sql.ts'
import { verifyForgottenCommand } from './verify-forgotten.ts'
import { UsageError, type Command, type Terminal } from './command.ts'

const commands: Readonly<Record<string, Command>> = {
  migrate: migrateCommand,
  sql: sqlCommand,
  load: loadCommand,
  import: importCommand,
  'dead-letters': deadLettersCommand,
  'verify-forgotten': verifyForgottenCommand,
  doctor: doctorCommand,
}

// Who reads the output may have had enough of it, as `head` has.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

process.exitCode = await main(process.argv.slice(2))

/** Runs one command; 0 done, 1 failed, 2 called wrongly. */
async function main([name = '', ...args]: string[]): Promise<number> {
  const terminal: Terminal = {
    print: (text) => process.stdout.write(`${text}\n`),
    warn: (text) => process.stderr.write(`${text}\n`),
    isInteractive: process.stderr.isTTY,
  }
  const command = commands[name]
  if (command === undefined) {
    terminal.warn(usage())
    return 2
  }
  try {
    const config = readConfig()
    return await command.run(args, { config, terminal, logger: createLogger({ name, level: 'warn' }) })
  } catch (error) {
    terminal.warn(`millrace ${name}: ${describeError(error)}`)
    if (error instanceof UsageError) terminal.warn(`usage: millrace ${command.usage}`)
    return error instanceof UsageError || error instanceof OptionsError ? 2 : 1
  }
}

function usage(): string {
  const lines = Object.values(commands).map(({ usage, summary }) => `  millrace ${usage}\n      ${summary}`)
  return ['usage:', ...lines].join('\n')
}

import { pino, type Logger } from 'pino'

export type { Logger }

/** One JSON line per event on standard error; secrets and addresses are never passed to it. */
export function createLogger(options: { readonly name: string; readonly level: string }): Logger {
  return pino({ name: options.name, level: options.level }, pino.destination({ dest: 2, sync: true }))
}

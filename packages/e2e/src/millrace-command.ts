import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { PipelineProcess } from './pipeline-process.ts'

const cli = fileURLToPath(new URL('../../../services/cli/bin/millrace.js', import.meta.url))

export interface CommandEnd {
  readonly code: number
  /** Standard output, then standard error. */
  readonly output: string
}

/** Runs `millrace` to its end, at most three minutes. */
export function runMillrace(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<CommandEnd> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...environment }, timeout: 180_000 }
    execFile(process.execPath, [cli, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), output: stdout + stderr })
    })
  })
}

/** What a command needs to find a pipeline on embedded defaults. */
export function environmentOf(pipeline: PipelineProcess, dataDirectory: string): Record<string, string> {
  const { http, clickHouse } = pipeline.ports
  return { PORT: String(http), CLICKHOUSE_PORT: String(clickHouse), DATA_DIR: dataDirectory }
}

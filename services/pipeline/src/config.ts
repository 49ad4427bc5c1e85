import { logOptions, readOptions, storeOptions, topicOptions, wholeNumber } from '@millrace/runtime'
import * as z from 'zod'

/** Options of the whole pipeline; each service checks its own beside these. */
export const pipelineOptions = z.object({
  PORT: wholeNumber(0, 65_535).default(8_080),
  SITES_FILE: z.string().optional(),
  ...logOptions,
  ...topicOptions,
  ...storeOptions,
})

export type PipelineConfig = z.infer<typeof pipelineOptions>

/** @throws OptionsError */
export function readConfig(environment: NodeJS.ProcessEnv): PipelineConfig {
  return readOptions(pipelineOptions, environment)
}

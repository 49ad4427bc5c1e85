import { runService } from '@millrace/runtime'
import { readConfig } from './config.ts'
import { startPipeline } from './pipeline.ts'

await runService('pipeline', (context) => startPipeline(readConfig(context.environment), context))

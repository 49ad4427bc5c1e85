import { runService } from '@millrace/runtime'
import { readConfig } from './config.ts'
import { startSink } from './sink.ts'

await runService('sink', (context) => startSink(readConfig(context.environment), context))

import { runService } from '@millrace/runtime'
import { readConfig } from './config.ts'
import { startProducer } from './start.ts'

await runService('producer', (context) => startProducer(readConfig(context.environment), context))

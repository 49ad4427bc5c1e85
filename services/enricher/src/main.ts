import { runService } from '@millrace/runtime'
import { readConfig } from './config.ts'
import { startEnricher } from './start.ts'

await runService('enricher', (context) => startEnricher(readConfig(context.environment), context))

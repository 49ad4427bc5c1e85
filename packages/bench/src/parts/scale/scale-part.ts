import { startBenchLog } from '../../core/bench-log.ts'
import type { BenchPart } from '../../core/bench-part.ts'
import { GeneratedRecords } from '../../core/generated-records.ts'
import { backFill } from './back-fill.ts'
import { compareConsumerCounts } from './consumers.ts'

/** More consumers on the same backlog. */
export const scalePart: BenchPart = {
  names: ['scale'],
  async run(context) {
    const records = await GeneratedRecords.open()
    for (const kind of context.logs) {
      const own = { ...context, directory: `${context.directory}/${kind}` }
      await compareConsumerCounts(await startBenchLog(kind, own), records, own)
    }
  },
}

/** Ten million events from the first raw record on, on the embedded log. */
export const backFillPart: BenchPart = {
  names: ['back-fill'],
  async run(context) {
    await backFill(await startBenchLog('embedded', context), await GeneratedRecords.open(), context)
  },
}

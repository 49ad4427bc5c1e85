import { startBenchLog } from '../../core/bench-log.ts'
import type { BenchPart } from '../../core/bench-part.ts'
import { GeneratedRecords } from '../../core/generated-records.ts'
import { backFill } from './back-fill.ts'
import { compareConsumerCounts } from './consumers.ts'

/** More consumers on the same backlog, and a back-fill from the first raw record on. */
export const scalePart: BenchPart = {
  names: ['scale'],
  async run(context) {
    const records = await GeneratedRecords.open()
    for (const kind of context.logs) {
      const own = { ...context, directory: `${context.directory}/consumers-${kind}` }
      await compareConsumerCounts(await startBenchLog(kind, own), records, own)
    }
    const own = { ...context, directory: `${context.directory}/back-fill` }
    await backFill(await startBenchLog('embedded', own), records, own)
  },
}

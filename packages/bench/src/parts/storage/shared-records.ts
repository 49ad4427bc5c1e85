import { GeneratedRecords } from '../../core/generated-records.ts'

/** To be had by `context.shared(sharedRecords)`: the databases of places are opened once. */
export function sharedRecords(): Promise<GeneratedRecords> {
  return GeneratedRecords.open()
}

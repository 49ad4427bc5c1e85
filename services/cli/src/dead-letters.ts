import { UsageError, type Command } from './command.ts'
import { sqlCommand } from './sql.ts'

const listed = 100

export const deadLettersCommand: Command = {
  usage: 'dead-letters list',
  summary: `Shows the newest ${listed} records that could not be handled, with their cause and place.`,
  run([action], context) {
    if (action !== 'list') throw new UsageError('say what to do with dead letters')
    const sql = `SELECT timestamp, stage, kafka_partition AS partition, kafka_offset AS offset, cause, substring(record, 1, 80) AS record_start
      FROM dead_letters FINAL ORDER BY timestamp DESC LIMIT ${listed}`
    return sqlCommand.run([sql], context)
  },
}

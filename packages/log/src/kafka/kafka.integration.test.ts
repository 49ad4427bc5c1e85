import { Kafka, logLevel } from 'kafkajs'
import { describe } from 'vitest'
import { describeLogContract } from '../log-contract.ts'
import { kafkaUnavailable, kafkaVersions, startKafka } from '../testing.ts'
import { openKafkaLog } from './kafka-log.ts'

const missing = await kafkaUnavailable()

for (const version of Object.values(kafkaVersions)) {
  describe.skipIf(missing !== undefined)(missing ?? `Kafka ${version}`, () => {
    const makeLog = async () => {
      const kafka = await startKafka({ version })
      const brokers = kafka.brokers.split(',')
      return {
        open: () => openKafkaLog({ brokers, clientId: 'contract' }),
        close: () => kafka.close(),
        removeBefore: (topic: string, partition: number, offset: number) =>
          deleteRecords(brokers, topic, { partition, offset: String(offset) }),
      }
    }
    describeLogContract('a log on Kafka', makeLog, { stepMsMax: 20_000 })
  })
}

async function deleteRecords(
  brokers: string[],
  topic: string,
  place: { partition: number; offset: string },
): Promise<void> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.fetchTopicOffsets(topic) // it has no metadata before
  await admin.deleteTopicRecords({ topic, partitions: [place] })
  await admin.disconnect()
}

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { PipelineProcess, SeparateServices, type Cleanup } from '@millrace/e2e'
import { startEmbeddedClickHouse } from '@millrace/embedded-clickhouse'
import { startKafka } from '@millrace/log/testing'

/** A whole pipeline, and the processes it is made of. */
export interface RunningPipeline {
  readonly httpPort: number
  readonly clickHouseUrl: string
  readonly processes: readonly { readonly name: string; readonly pid: number }[]
}

export interface PipelineSetting {
  readonly directory: string
  readonly cleanup: Cleanup
}

/** As `npm start` runs it: the services in one process, the log embedded, the engine in a process beside it. */
export async function startEmbeddedPipeline(setting: PipelineSetting): Promise<RunningPipeline> {
  const pipeline = await PipelineProcess.start({ dataDirectory: setting.directory })
  setting.cleanup.defer(() => pipeline.process.stop())
  const { pid } = pipeline.process
  return {
    httpPort: pipeline.ports.http,
    clickHouseUrl: pipeline.clickHouseUrl,
    processes: [
      { name: 'services', pid },
      ...childPids(pid).map((engine) => ({ name: 'ClickHouse', pid: engine })),
    ],
  }
}

/** As in a data centre: a process for each service, Kafka, and a ClickHouse that several may use. */
export async function startKafkaPipeline(setting: PipelineSetting): Promise<RunningPipeline> {
  const { directory, cleanup } = setting
  const kafka = await startKafka({ quickStart: false })
  cleanup.defer(() => kafka.close())
  const engine = await startEmbeddedClickHouse({ directory: join(directory, 'clickhouse') })
  cleanup.defer(() => engine.close())
  const services = new SeparateServices({
    KAFKA_BROKERS: kafka.brokers,
    CLICKHOUSE_URL: engine.url,
    DATA_DIR: directory,
  })
  cleanup.defer(() => services.stop())
  await services.migrate()
  const sink = await services.start('sink')
  const enricher = await services.start('enricher')
  const producer = await services.startProducer()
  return {
    httpPort: Number(new URL(producer.url).port),
    clickHouseUrl: engine.url,
    processes: [
      { name: 'producer', pid: producer.service.pid },
      { name: 'enricher', pid: enricher.service.pid },
      { name: 'sink', pid: sink.service.pid },
      { name: 'ClickHouse', pid: engine.pid },
      ...kafka.nodes.flatMap(({ pid }) => (pid === undefined ? [] : [{ name: 'Kafka', pid }])),
    ],
  }
}

function childPids(pid: number): number[] {
  const output = execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
  return output.split('\n').filter(Boolean).map(Number)
}

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** One cluster id for all: it must be a 22 character base64 uuid and equal on every node. */
export const clusterId = '4L6g3nShT-eMCtK--X86sw'

/** A lock older than this was left by a process that died. */
const lockMsMax = 300_000
const mavenMsMax = 240_000

/** What one version needs to run: jars, log configuration, and a formatted directory to copy. */
export interface KafkaInstallation {
  readonly classPath: string
  readonly loggingFlag: string
  /** Holds the `bootstrap.checkpoint` of a formatted node. */
  readonly formatted: string
}

/**
 * The installation of a Kafka version under `~/.cache/millrace`; fetched through Maven on first use, by one process
 * at a time, and moved into place whole.
 */
export async function installKafka(version: string): Promise<KafkaInstallation> {
  const target = join(homedir(), '.cache', 'millrace', `kafka-${version}`)
  if (!existsSync(target)) {
    await mkdir(dirname(target), { recursive: true })
    await underLock(`${target}.lock`, async () => {
      if (!existsSync(target)) await fetchInto(target, version)
    })
  }
  return installationIn(target, version)
}

function installationIn(target: string, version: string): KafkaInstallation {
  return {
    classPath: `${join(target, 'conf')}:${join(target, 'libs', '*')}`,
    loggingFlag: isLog4j2(version)
      ? `-Dlog4j2.configurationFile=${join(target, 'conf', 'log4j2.properties')}`
      : `-Dlog4j.configuration=file:${join(target, 'conf', 'log4j.properties')}`,
    formatted: join(target, 'formatted'),
  }
}

async function fetchInto(target: string, version: string): Promise<void> {
  const work = await mkdtemp(`${target}-`)
  try {
    await writeFile(join(work, 'pom.xml'), pom(version))
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=libs']
    await run('mvn', ['-B', '-q', '-f', 'pom.xml', ...goal], { cwd: work, timeout: mavenMsMax })
    await mkdir(join(work, 'conf'))
    await writeFile(join(work, 'conf', 'log4j2.properties'), log4j2Properties)
    await writeFile(join(work, 'conf', 'log4j.properties'), log4jProperties)
    await format(work, version)
    await rename(work, target)
  } catch (error) {
    await rm(work, { recursive: true, force: true })
    throw error
  }
}

/**
 * Formats one directory, whose checkpoint serves every later node: the command costs a JVM start each time, and only
 * `meta.properties` (plain text) differs between nodes.
 */
async function format(work: string, version: string): Promise<void> {
  const properties = join(work, 'format.properties')
  const lines = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': '1@127.0.0.1:1',
    listeners: 'PLAINTEXT://127.0.0.1:2,CONTROLLER://127.0.0.1:1',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(work, 'formatted'),
  }
  await writeFile(properties, propertyLines(lines))
  const { classPath, loggingFlag } = installationIn(work, version)
  const java = ['-Xmx128m', '-XX:TieredStopAtLevel=1', loggingFlag, '-cp', classPath]
  const tool = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties]
  await run('java', [...java, ...tool], { timeout: mavenMsMax })
}

async function underLock(path: string, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await mkdir(path)
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const lock = await stat(path).catch(() => undefined)
      if (lock !== undefined && Date.now() - lock.mtimeMs > lockMsMax)
        await rm(path, { recursive: true, force: true })
      await sleep(200)
    }
  }
  try {
    await work()
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}

export function propertyLines(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

function isLog4j2(version: string): boolean {
  return Number(version.split('.')[0]) >= 4
}

/** The logging jars are not in Kafka's own pom, and a broker does not start without them. */
function pom(version: string): string {
  const logging = isLog4j2(version)
    ? ['org.apache.logging.log4j:log4j-slf4j-impl:2.25.3', 'org.apache.logging.log4j:log4j-core:2.25.3']
    : ['org.slf4j:slf4j-reload4j:1.7.36', 'ch.qos.reload4j:reload4j:1.2.25']
  const dependencies = [`org.apache.kafka:kafka_2.13:${version}`, ...logging].map((coordinates) => {
    const [groupId, artifactId, wanted] = coordinates.split(':')
    return `<dependency><groupId>${groupId ?? ''}</groupId><artifactId>${artifactId ?? ''}</artifactId><version>${wanted ?? ''}</version></dependency>`
  })
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>kafka-libs</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependencies.join('\n')}</dependencies></project>
`
}

const log4j2Properties = `status=error
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d{HH:mm:ss,SSS} %p %c{1} %m%n
rootLogger.level=warn
rootLogger.appenderRef.console.ref=console
logger.server.name=kafka.server
logger.server.level=info
`

const log4jProperties = `log4j.rootLogger=WARN, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{HH:mm:ss,SSS} %p %c{1} %m%n
log4j.logger.kafka.server=INFO
`

import { sendOpenLoop, Traffic, type Answer, type SendOutcome, type TrafficRequest } from '@millrace/traffic'
import type { Command, Terminal } from './command.ts'
import { checkStored } from './load-check.ts'
import { LoadDisplay } from './load-display.ts'
import { loadUsage, readLoadOptions, type LoadOptions } from './load-options.ts'
import { Places } from './load-places.ts'
import { loadReport } from './load-report.ts'
import { loadSitesFile } from './load-sites.ts'

/** Requests that wait when the server is behind, about a kilobyte each. */
const waitingMax = 100_000

export const loadCommand: Command = {
  usage: loadUsage,
  summary:
    "Sends traffic like the world's at a fixed rate, then checks that every accepted event is stored, dropped by rule or a dead letter, once.",
  async run(args, { config, terminal }) {
    const options = readLoadOptions(args, config.PORT)
    if (options.isForSites) {
      terminal.print(loadSitesFile(options.sites))
      return 0
    }
    const run = `${Date.now().toString(36)}-${String(options.seed)}`
    const since = Math.floor(Date.now() / 1_000)
    const found = new AcceptedPlaces()
    const outcome = await send({ run, options, found, terminal })
    for (const line of loadReport(run, outcome)) terminal.print(line)
    const { places, unplaced } = found
    return checkStored({ run, accepted: outcome.events.accepted, places, unplaced, since, config, terminal })
  },
}

interface LoadRun {
  readonly run: string
  readonly options: LoadOptions
  readonly found: AcceptedPlaces
  readonly terminal: Terminal
}

async function send({ run, options, found, terminal }: LoadRun): Promise<SendOutcome> {
  const { seed, sites, largestSiteShare, visitors, protocols, events, durationS } = options
  const traffic = new Traffic({
    seed,
    run,
    sites,
    activeVisitors: visitors,
    protocols,
    ...(largestSiteShare === undefined ? {} : { largestSiteShare }),
  })
  const display = new LoadDisplay(terminal)
  try {
    return await sendOpenLoop({
      traffic,
      url: options.url,
      rate: options.rate,
      unit: 'events',
      connections: options.connections,
      waitingMax,
      ...(events === undefined ? {} : { count: events }),
      ...(durationS === undefined ? {} : { seconds: durationS }),
      onProgress: (progress) => {
        display.show(progress)
      },
      onAnswer: (request, answer) => {
        found.add(request, answer)
      },
    })
  } finally {
    display.close()
  }
}

/** Where the accepted events are, by their answers. */
class AcceptedPlaces {
  readonly places = new Places()
  #unplaced = 0

  /** Accepted events without a place, as while the producer's log is away; without those said to be dropped. */
  get unplaced(): number {
    return this.#unplaced
  }

  add({ events }: TrafficRequest, { status, dropped, receipt }: Answer): void {
    if (status < 200 || status > 299) return
    if (receipt === undefined) this.#unplaced += events - dropped
    else this.places.add(receipt)
  }
}

import { parseArgs } from 'node:util'
import { protocols, type Protocol } from '@millrace/events'
import { defaultProtocolShares } from '@millrace/traffic'
import { UsageError } from './command.ts'

export interface LoadOptions {
  /** Undefined: as many as come in `durationS`. */
  readonly events: number | undefined
  readonly durationS: number | undefined
  /** Events a second. */
  readonly rate: number
  readonly connections: number
  readonly sites: number
  readonly largestSiteShare: number | undefined
  readonly visitors: number
  readonly seed: number
  readonly protocols: Readonly<Partial<Record<Protocol, number>>>
  readonly url: URL
  /** Print what a sites file must hold, and send nothing. */
  readonly isForSites: boolean
}

const eventsDefault = 10_000
/** As keys in sites files, one for each site. */
const sitesMax = 1_000_000

export const loadUsage =
  'load [--events 10000 | --duration SECONDS] [--rate 1000] [--connections 64] [--sites 100] [--largest-site-share 0.5] ' +
  '[--visitors 2000] [--protocols plausible=70,kameleoon=15,octeth=5,successeve=10] [--seed 1] [--url URL] [--print-sites-file]'

/** @throws UsageError */
export function readLoadOptions(args: string[], port: number): LoadOptions {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args,
    options: {
      events: text,
      duration: text,
      rate: { ...text, default: '1000' },
      connections: { ...text, default: '64' },
      sites: { ...text, default: '100' },
      'largest-site-share': text,
      visitors: { ...text, default: '2000' },
      protocols: text,
      seed: { ...text, default: '1' },
      url: { ...text, default: `http://127.0.0.1:${String(port)}` },
      'print-sites-file': { type: 'boolean', default: false },
    },
  })
  const { events, duration } = values
  const hasEnd = events !== undefined || duration !== undefined
  return {
    events: events === undefined ? (hasEnd ? undefined : eventsDefault) : whole('events', events),
    durationS: duration === undefined ? undefined : whole('duration', duration),
    rate: whole('rate', values.rate),
    connections: whole('connections', values.connections),
    sites: whole('sites', values.sites, sitesMax),
    largestSiteShare: shareOf(values['largest-site-share']),
    visitors: whole('visitors', values.visitors),
    seed: whole('seed', values.seed),
    protocols: protocolShares(values.protocols),
    url: new URL(values.url),
    isForSites: values['print-sites-file'],
  }
}

function whole(name: string, text: string, max = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 1 && value <= max) return value
  const limit = max === Number.MAX_SAFE_INTEGER ? '' : `, at most ${String(max)}`
  throw new UsageError(`--${name} wants a whole number above 0${limit}`)
}

function shareOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const share = Number(text)
  if (share > 0 && share < 1) return share
  throw new UsageError('--largest-site-share wants a number between 0 and 1')
}

function protocolShares(text: string | undefined): Readonly<Partial<Record<Protocol, number>>> {
  if (text === undefined) return defaultProtocolShares
  const shares: Partial<Record<Protocol, number>> = {}
  for (const part of text.split(',')) {
    const [name, weight = ''] = part.trim().split('=')
    const protocol = protocols.find((known) => known === name)
    const value = weight.trim() === '' ? NaN : Number(weight)
    if (protocol === undefined || !(value >= 0) || value === Infinity) {
      throw new UsageError(`--protocols wants NAME=SHARE,..., the names among ${protocols.join(', ')}`)
    }
    shares[protocol] = value
  }
  if (Object.values(shares).every((share) => share === 0))
    throw new UsageError('--protocols wants a share above 0')
  return shares
}

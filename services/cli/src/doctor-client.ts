import { parseArgs } from 'node:util'
import { openGeo, type Geo } from '@millrace/enrichment'
import { explainClient, readTrustedProxies, type ExplainedClient } from '@millrace/intake'
import { describeError } from '@millrace/runtime'
import { UsageError, type CommandContext } from './command.ts'

export const doctorClientUsage = "client-ip --peer ADDRESS [--header 'Name: value' ...]"

/**
 * Shows, for a request from this peer with these headers, each hop, the address taken for the client, and all that the geo
 * data says of it; without a service running.
 */
export async function explainClientIp(args: string[], { config, terminal }: CommandContext): Promise<number> {
  const request = readRequest(args)
  const trustedProxies = readTrustedProxies(config.TRUSTED_PROXIES)
  const geo = await openGeo({
    cityDb: config.GEO_CITY_DB,
    asnDb: config.GEO_ASN_DB,
    anonymousDb: config.GEO_ANONYMOUS_DB,
    classLists: config.IP_CLASS_LISTS,
  })
  const placeOf = (ip: string) => Promise.resolve({ ...geo.lookup(ip), date: geo.version })
  const explained = await explainClient(request, { trustedProxies, placeOf })
  for (const line of describeClient(explained, geo)) terminal.print(line)
  return 0
}

function readRequest(args: string[]): { peer: string; headers: Record<string, string> } {
  try {
    const { values } = parseArgs({
      args,
      options: { peer: { type: 'string' }, header: { type: 'string', multiple: true, default: [] } },
    })
    if (values.peer === undefined) throw new UsageError('--peer is missing: the address of the socket')
    return { peer: values.peer, headers: headersOf(values.header) }
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(describeError(error))
  }
}

/** Repeats are joined, as Node joins them. */
function headersOf(lines: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon < 1) throw new UsageError(`--header ${JSON.stringify(line)}: expected 'Name: value'`)
    const name = line.slice(0, colon).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return Object.fromEntries(headers)
}

/** One line a hop, from the socket outwards. */
export function describeClient(
  explained: ExplainedClient,
  geo: Pick<Geo, 'lookup' | 'classes' | 'isPublic' | 'version'>,
): string[] {
  const { peer, headers, client, ipType } = explained
  const trust = (isTrusted: boolean): string => (isTrusted ? 'trusted proxy' : 'not trusted')
  const ignored = peer.isTrusted ? '' : ', so its headers do not count'
  const lines = [`peer ${peer.address || JSON.stringify(peer.text)}: ${trust(peer.isTrusted)}${ignored}`]
  for (const { name, hops, isChosen } of headers) {
    lines.push(`${name}${isChosen ? ' (the client is taken from here)' : ''}, from the right:`)
    for (const { text, address, isTrusted } of hops) {
      const understood = address === undefined ? 'no address, ends the walk' : trust(isTrusted)
      const mark = isChosen && address === client ? ' <- the client' : ''
      lines.push(`  ${JSON.stringify(text)}: ${understood}${mark}`)
    }
  }
  if (ipType !== undefined) lines.push(`x-plausible-ip-type: ${ipType}`)
  return [...lines, `client ${client || 'unknown'}`, ...describeFacts(client, geo)]
}

function describeFacts(
  client: string,
  geo: Pick<Geo, 'lookup' | 'classes' | 'isPublic' | 'version'>,
): string[] {
  if (!geo.isPublic(client)) {
    return ['place: none, the address is private, reserved or unknown; is the proxy in TRUSTED_PROXIES?']
  }
  const facts = geo.lookup(client)
  const place = [facts.country, facts.subdivision1, facts.subdivision2, facts.city].filter(Boolean).join(', ')
  const geonameId = facts.cityGeonameId === 0 ? '' : ` (GeoNames ${String(facts.cityGeonameId)})`
  const classes = geo.classes(client)
  return [
    `place: ${place === '' ? 'unknown' : `${place}${geonameId}`}`,
    `network: ${facts.asn === 0 ? 'unknown' : `AS${String(facts.asn)} ${facts.asOrganization}`}`,
    `classes: ${classes.length === 0 ? 'none' : classes.join(', ')}`,
    `data: ${geo.version}`,
  ]
}

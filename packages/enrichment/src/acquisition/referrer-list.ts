/** One name of a list and the hosts it is known by. */
export interface NamedHosts {
  readonly name: string
  readonly hosts: readonly string[]
}

const namesMax = 10_000
const hostsMax = 100_000

/**
 * Reads Matomo's searchengine-and-social-list, as YAML (SearchEngines.yml, Socials.yml, AIAssistants.yml) or as JSON of the
 * same shape: `{"Name": ["host", "host/path"]}` or `{"Name": [{"urls": ["host"], ...}]}`. Of the YAML only what those files
 * use is understood: names at the margin, lists of hosts, and entries of which `urls` counts.
 * @throws Error with the line, or the name, that cannot be read
 */
export function parseReferrerList(text: string): readonly NamedHosts[] {
  const list = /^\ufeff?\s*\{/.test(text) ? parseJsonList(text) : parseYamlList(text)
  const hostsCount = list.reduce((sum, { hosts }) => sum + hosts.length, 0)
  if (hostsCount === 0) throw new Error('names no host')
  if (list.length > namesMax) throw new Error(`has more than ${namesMax} names`)
  if (hostsCount > hostsMax) throw new Error(`has more than ${hostsMax} hosts`)
  return list
}

function parseJsonList(text: string): NamedHosts[] {
  const json = JSON.parse(text.replace(/^\ufeff/, '')) as Record<string, unknown>
  return Object.entries(json).map(([name, entries]) => {
    if (!Array.isArray(entries)) throw new Error(`${JSON.stringify(name)} has no list`)
    const hosts = entries.flatMap((entry: unknown) => (isSearchEngine(entry) ? entry.urls : [entry]))
    return { name: readName(name), hosts: hosts.map((host) => readHost(host, JSON.stringify(name))) }
  })
}

function isSearchEngine(entry: unknown): entry is { readonly urls: readonly unknown[] } {
  return typeof entry === 'object' && entry !== null && 'urls' in entry && Array.isArray(entry.urls)
}

function parseYamlList(text: string): NamedHosts[] {
  const list: { name: string; hosts: string[] }[] = []
  let isInHosts = true
  for (const [index, line] of text.split('\n').entries()) {
    const where = `line ${index + 1}`
    const [, indent = '', dashes = '', rest = ''] = /^(\s*)((?:-\s+|-$)*)(.*?)\s*$/.exec(line) ?? []
    if (dashes === '' && (rest === '' || rest.startsWith('#') || rest === '---')) continue
    if (indent === '' && dashes === '') {
      if (!rest.endsWith(':')) throw new Error(`${where} is no name with a colon`)
      list.push({ name: readName(unquoted(rest.slice(0, -1))), hosts: [] })
      isInHosts = true
      continue
    }
    const key = /^([a-z]+):(?:\s|$)/.exec(rest)?.[1]
    if (key !== undefined) isInHosts = key === 'urls'
    else if (isInHosts && rest !== '') {
      const current = list.at(-1)
      if (current === undefined || dashes === '') throw new Error(`${where} belongs to no list`)
      current.hosts.push(readHost(unquoted(rest), where))
    }
  }
  return list
}

function unquoted(text: string): string {
  return /^(['"])(.*)\1$/.exec(text)?.[2] ?? text
}

/** Matomo writes `Google%2B`, since it stores names encoded. */
function readName(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** Android apps are written `android-app://id` or as the id alone; both are known by the id. */
function readHost(host: unknown, where: string): string {
  if (typeof host !== 'string' || host === '' || /[\s:?#]/.test(withoutAndroid(host))) {
    throw new Error(`${where}: no host`)
  }
  return withoutAndroid(host)
}

function withoutAndroid(host: string): string {
  return host.replace(/^android-app:\/\//, '')
}

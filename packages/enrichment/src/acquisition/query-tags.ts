/** The query parameters that acquisition reads. */
export const tagNames = [
  'utm_source',
  'source',
  'ref',
  'utm_medium',
  'utm_campaign',
  'utm_content',
  'utm_term',
  'gclid',
  'gbraid',
  'wbraid',
  'msclkid',
  'fbclid',
  'twclid',
] as const

export type TagName = (typeof tagNames)[number]

/** Tags by name; a tag that is present but empty is there with an empty value. */
export type QueryTags = ReadonlyMap<TagName, string>

/**
 * Reads the tags of a query, form-style: `+` is a blank, the last duplicate wins, a key without `=` has an empty value,
 * names are case-sensitive, a broken `%` stays as it is.
 */
export function queryTags(query: string): QueryTags {
  if (query === '') return noTags
  const tags = new Map<TagName, string>()
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=')
    const name = decode(equals < 0 ? pair : pair.slice(0, equals))
    if (isTagName(name)) tags.set(name, equals < 0 ? '' : decode(pair.slice(equals + 1)))
  }
  return tags
}

const noTags: QueryTags = new Map()
const known: ReadonlySet<string> = new Set(tagNames)
const isTagName = (name: string): name is TagName => known.has(name)

function decode(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text
  const spaced = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    // One bad escape must not lose the tag: the URL standard's form decoding keeps it and replaces bad UTF-8.
    return new URLSearchParams(`v=${text}`).get('v') ?? spaced
  }
}

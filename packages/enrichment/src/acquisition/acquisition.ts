import { channelOf, type Channel } from './channel.ts'
import { queryTags, type QueryTags, type TagName } from './query-tags.ts'
import { referrerColumn, validReferral } from './referral.ts'
import { packagedSourceTable, type SourceTable } from './source-table.ts'

/** How a visitor came: the columns from `referrer` to `click_id_param`. */
export interface Acquisition {
  readonly referrer: string
  readonly source: string
  readonly channel: Channel
  readonly utmSource: string
  readonly utmMedium: string
  readonly utmCampaign: string
  readonly utmContent: string
  readonly utmTerm: string
  readonly clickIdParam: string
}

/**
 * Reads page query and referrer by Plausible's rules (section 4). A tag that is present, even empty, decides the source;
 * the referrer is stored all the same.
 * @param event.query undecoded, without `?`
 */
export function acquisition(
  event: {
    readonly hostname: string
    readonly query: string
    readonly referrer: string
  },
  sources: SourceTable = packagedSourceTable,
): Acquisition {
  const tags = queryTags(event.query)
  const referral = validReferral(event.referrer, event.hostname)
  const tag = firstPresent(tags, sourceTags)
  const tagValue = tag === undefined ? undefined : tags.get(tag)
  const source =
    tagValue === undefined ? (referral ? sources.ofReferral(referral) : '') : sources.tagged(tagValue)
  const utmSource = tagValue ?? ''
  const clickIdParam = firstPresent(tags, clickIds) ?? ''
  const utmMedium = tags.get('utm_medium') ?? inferredMedium(source, tags)
  const utmCampaign = tags.get('utm_campaign') ?? ''
  return {
    referrer: referral ? referrerColumn(referral) : '',
    source,
    channel: channelOf({ source, utmSource, utmMedium, utmCampaign, clickIdParam }, (name) =>
      sources.category(name),
    ),
    utmSource,
    utmMedium,
    utmCampaign,
    utmContent: tags.get('utm_content') ?? '',
    utmTerm: tags.get('utm_term') ?? '',
    clickIdParam,
  }
}

const sourceTags: readonly TagName[] = ['utm_source', 'source', 'ref']
const clickIds: readonly TagName[] = ['gclid', 'gbraid', 'wbraid', 'msclkid', 'fbclid', 'twclid']

function firstPresent(tags: QueryTags, names: readonly TagName[]): TagName | undefined {
  return tags.size === 0 ? undefined : names.find((name) => tags.has(name))
}

/** A click id stands in for an absent medium, only for the network that made it. */
function inferredMedium(source: string, tags: QueryTags): string {
  if (source === 'Google' && tags.has('gclid')) return '(gclid)'
  if (source === 'Bing' && tags.has('msclkid')) return '(msclkid)'
  return ''
}

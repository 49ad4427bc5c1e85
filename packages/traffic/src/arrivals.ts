import type { TrafficRandom } from './random.ts'
import { WeightedChoice, zipf } from './weighted-choice.ts'

/** How a visit came about: what the browser says of the page before, and what the address of the first page carries. */
export interface Arrival {
  /** Empty: a direct visit. */
  readonly referrer: string
  /** With its question mark, or empty. */
  readonly query: string
  /** A hit that is only there to show its referrer. */
  readonly isSpam: boolean
}

/** What visits come from, in percent of all that are not spam; the shares of published surveys, rounded. */
const kinds = [
  ['direct', 42],
  ['search', 27],
  ['social', 10],
  ['assistant', 3],
  ['blog', 9],
  ['campaign', 6],
  ['ad', 3],
] as const

const searches = [
  ['https://www.google.com/', 82],
  ['https://www.bing.com/', 7],
  ['https://search.yahoo.com/', 2],
  ['https://duckduckgo.com/', 3],
  ['https://yandex.ru/', 2],
  ['https://www.baidu.com/', 1],
  ['https://www.ecosia.org/', 1],
  ['https://search.brave.com/', 1],
  ['https://www.google.de/', 1],
] as const

const socials = [
  ['https://www.facebook.com/', 25],
  ['https://l.facebook.com/', 15],
  ['https://www.instagram.com/', 15],
  ['https://t.co/', 12],
  ['https://www.linkedin.com/', 10],
  ['https://www.reddit.com/', 9],
  ['https://www.youtube.com/', 8],
  ['https://www.pinterest.com/', 3],
  ['https://news.ycombinator.com/', 2],
  ['android-app://com.linkedin.android', 1],
] as const

const assistants = [
  ['https://chatgpt.com/', 70],
  ['https://www.perplexity.ai/', 12],
  ['https://gemini.google.com/', 10],
  ['https://copilot.microsoft.com/', 5],
  ['https://claude.ai/', 3],
] as const

/** Hosts of every list of referrer spam (Matomo's spammers.txt among them). */
const spamHosts = [
  'semalt.com',
  'darodar.com',
  'buttons-for-website.com',
  'best-seo-offer.com',
  'free-share-buttons.com',
  'get-free-traffic-now.com',
  'priceg.com',
  'site-auditor.online',
  'traffic2money.com',
  'event-tracking.com',
] as const

const campaigns = [
  ['', 'utm_source=newsletter&utm_medium=email&utm_campaign=', 40],
  ['https://www.google.com/', 'utm_source=google&utm_medium=cpc&utm_campaign=', 25],
  ['https://www.facebook.com/', 'utm_source=facebook&utm_medium=paid_social&utm_campaign=', 15],
  ['https://www.linkedin.com/', 'utm_source=linkedin&utm_medium=social&utm_campaign=', 10],
  ['https://partner.example/', 'utm_source=partner&utm_medium=affiliate&utm_campaign=', 10],
] as const
const campaignNames = ['spring_sale', 'launch', 'weekly-42', 'weekly-43', 'retargeting', 'brand', 'webinar']
const blogHosts = 2_000
const blogPosts = 50_000

/** Draws how visits come about: few places that send many, and many that send few. */
export class Arrivals {
  readonly #kinds = pairs(kinds)
  readonly #searches = pairs(searches)
  readonly #socials = pairs(socials)
  readonly #assistants = pairs(assistants)
  readonly #campaigns = new WeightedChoice(
    campaigns,
    campaigns.map(([, , weight]) => weight),
  )
  readonly #blogs = zipf(blogHosts)
  readonly #spamShare: number

  /** @param spamShare 0 to 1, of all visits */
  constructor(spamShare: number) {
    this.#spamShare = spamShare
  }

  draw(random: TrafficRandom): Arrival {
    if (random.chance(this.#spamShare)) {
      return { referrer: `http://${random.of(spamHosts)}/`, query: '', isSpam: true }
    }
    return { ...this.#visit(random), isSpam: false }
  }

  #visit(random: TrafficRandom): Omit<Arrival, 'isSpam'> {
    const kind = this.#kinds.draw(random)
    switch (kind) {
      case 'direct':
        return { referrer: '', query: '' }
      case 'search':
        return { referrer: this.#searches.draw(random), query: '' }
      case 'social':
        return { referrer: this.#socials.draw(random), query: '' }
      case 'assistant':
        return this.#assistant(random)
      case 'blog':
        return { referrer: this.#blog(random), query: '' }
      case 'campaign':
        return this.#campaign(random)
      case 'ad':
        return ad(random)
    }
  }

  #assistant(random: TrafficRandom): Omit<Arrival, 'isSpam'> {
    const referrer = this.#assistants.draw(random)
    // Of them ChatGPT marks its links.
    return { referrer, query: referrer === 'https://chatgpt.com/' ? '?utm_source=chatgpt.com' : '' }
  }

  #blog(random: TrafficRandom): string {
    const host = this.#blogs.draw(random)
    return `https://blog${String(host)}.example.org/posts/${String(random.below(blogPosts))}/what-we-found`
  }

  #campaign(random: TrafficRandom): Omit<Arrival, 'isSpam'> {
    const [referrer, tags] = this.#campaigns.draw(random)
    const content = random.chance(0.4) ? `&utm_content=variant-${random.chance(0.5) ? 'a' : 'b'}` : ''
    return { referrer, query: `?${tags}${random.of(campaignNames)}${content}` }
  }
}

/** A click id is new with every click. */
function ad(random: TrafficRandom): Omit<Arrival, 'isSpam'> {
  const id = `${random.below(2 ** 32).toString(36)}${random.below(2 ** 32).toString(36)}`
  const kind = random.fraction()
  if (kind < 0.6) return { referrer: 'https://www.google.com/', query: `?gclid=Cj0KCQ${id}BwE` }
  if (kind < 0.85) return { referrer: 'https://l.facebook.com/', query: `?fbclid=IwAR0${id}` }
  return { referrer: 'https://www.bing.com/', query: `?msclkid=${id}` }
}

function pairs<T>(weighted: readonly (readonly [T, number])[]): WeightedChoice<T> {
  return new WeightedChoice(
    weighted.map(([choice]) => choice),
    weighted.map(([, weight]) => weight),
  )
}

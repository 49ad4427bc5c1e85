import type { Arrival } from './arrivals.ts'
import type { Page, Pages } from './pages.ts'
import type { TrafficRandom } from './random.ts'
import type { Visitor } from './visitor.ts'

/** What a visitor does on a page. */
export type Step = StepPlace &
  (
    | { readonly kind: 'pageview'; readonly referrer: string }
    /** The page was read, and is left or hidden. */
    | { readonly kind: 'engagement'; readonly scrollDepth: number; readonly engagementMs: number }
    | { readonly kind: 'action'; readonly name: string; readonly props: Readonly<Record<string, string>> }
    | { readonly kind: 'purchase'; readonly amount: string; readonly plan: string }
  )

export interface StepPlace {
  readonly page: Page
  /** Complete. */
  readonly url: string
}

/** Where the steps of a visit come from. */
export interface Browsing {
  readonly random: TrafficRandom
  readonly pages: Pages
}

/** Visits of one page, about what analytics call the bounce rate. */
const bounceShare = 0.42
const furtherPagesMean = 3.5
const crawledPagesMean = 6
const actionShare = 0.13
const purchaseShare = 0.02
/** A page may be hidden and looked at again before it is left. */
const hiddenShare = 0.15

const actions = [
  ['Outbound Link: Click', 'url', ['https://github.com/example', 'https://docs.example.org/start']],
  ['File Download', 'url', ['/files/brochure.pdf', '/files/price-list.xlsx']],
  ['Form: Submission', 'form', ['newsletter', 'contact', 'demo']],
  ['Signup', 'plan', ['free', 'pro', 'team']],
  ['Search', 'results', ['0', '3', '12', '48']],
  ['Video Play', 'video', ['intro', 'tour', 'customer-story']],
  ['Add to Cart', 'category', ['shoes', 'bags', 'coats', 'outlet']],
] as const
const authors = ['ada', 'grace', 'linus', 'margaret', 'alan'] as const
const plans = ['basic', 'pro', 'pro', 'team'] as const

/**
 * One visit, step by step: a page view, perhaps actions, an engagement when the page is left, the next page, until the visitor
 * leaves. Crawlers fetch pages and do nothing on them, and so does referrer spam with one page.
 */
export class Visit {
  readonly visitor: Visitor
  /** `https://` and host. */
  readonly origin: string
  readonly #arrival: Arrival
  #page: Page | undefined
  #url = ''
  #pagesLeft: number
  #isOnPage = false

  constructor(visitor: Visitor, { origin, arrival, random }: VisitStart) {
    this.visitor = visitor
    this.origin = origin
    this.#arrival = arrival
    this.#pagesLeft = arrival.isSpam ? 1 : pagesOf(visitor, random)
  }

  /** Nothing of it was sent yet. */
  get isFresh(): boolean {
    return this.#page === undefined
  }

  get isOver(): boolean {
    return !this.#isOnPage && this.#pagesLeft === 0
  }

  /** Not to be called when the visit is over. */
  next({ random, pages }: Browsing): Step {
    if (this.#page === undefined || !this.#isOnPage) return this.#open(pages.draw(this.visitor.site, random))
    const place = { page: this.#page, url: this.#url }
    const chance = random.fraction()
    if (chance < actionShare) return { ...place, kind: 'action', ...action(random) }
    if (chance < actionShare + purchaseShare) return { ...place, kind: 'purchase', ...purchase(random) }
    this.#isOnPage = random.chance(hiddenShare)
    return {
      ...place,
      kind: 'engagement',
      scrollDepth: 5 + random.below(96),
      engagementMs: readingMs(random),
    }
  }

  #open(page: Page): Step {
    const isLanding = this.#page === undefined
    const referrer = isLanding ? this.#arrival.referrer : this.#url
    this.#url = `${this.origin}${page.path}${isLanding ? this.#arrival.query : ''}`
    this.#page = page
    this.#pagesLeft--
    this.#isOnPage = !this.visitor.isCrawler && !this.#arrival.isSpam
    return { page, url: this.#url, kind: 'pageview', referrer }
  }
}

export interface VisitStart {
  readonly origin: string
  readonly arrival: Arrival
  readonly random: TrafficRandom
}

function pagesOf({ isCrawler }: Visitor, random: TrafficRandom): number {
  if (isCrawler) return random.geometric(crawledPagesMean)
  return random.chance(bounceShare) ? 1 : 1 + random.geometric(furtherPagesMean)
}

function action(random: TrafficRandom): { name: string; props: Record<string, string> } {
  const [name, property, values] = random.of(actions)
  const props: Record<string, string> = { [property]: random.of<string>(values) }
  if (random.chance(0.3)) props.author = random.of(authors)
  return { name, props }
}

function purchase(random: TrafficRandom): { amount: string; plan: string } {
  // Log-uniform from 5 to 500.
  return { amount: (5 * 100 ** random.fraction()).toFixed(2), plan: random.of(plans) }
}

/** Most pages are looked at for seconds, some for minutes. */
function readingMs(random: TrafficRandom): number {
  return Math.floor(1_000 * 300 ** random.fraction())
}

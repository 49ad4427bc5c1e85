import { assert } from '@millrace/runtime'
import { TrafficRandom } from './random.ts'
import { zipf } from './weighted-choice.ts'

export interface Page {
  readonly path: string
  readonly title: string
}

const pagesPerSite = 300
/** Pages that every site has, from the most visited. */
const landmarks: readonly (readonly [path: string, title: string])[] = [
  ['/', 'Home'],
  ['/pricing', 'Pricing'],
  ['/blog', 'Blog'],
  ['/products', 'Products'],
  ['/signup', 'Sign up'],
  ['/login', 'Log in'],
  ['/about', 'About us'],
  ['/contact', 'Contact'],
  ['/docs', 'Documentation'],
  ['/cart', 'Your cart'],
]
const sections = ['blog', 'blog', 'products', 'products', 'docs', 'news', 'help'] as const
const words = (
  'how to choose the best new guide for your first garden summer winter city bike coffee kitchen data privacy ' +
  'travel camera music shoes jacket paper light garden team remote work simple fast open source release notes ' +
  'setup install review compare price sale event local network cloud report annual market trends design house'
).split(' ')

/** The pages of all sites: each has its own, drawn by Zipf. */
export class Pages {
  readonly #seed: number
  readonly #ranks = zipf(pagesPerSite)
  /** By site, once it was visited: at most as many as there are sites. */
  readonly #sites: (readonly Page[] | undefined)[] = []

  constructor(seed: number) {
    this.#seed = seed
  }

  /** @param site its rank among the sites */
  draw(site: number, random: TrafficRandom): Page {
    const pages = (this.#sites[site] ??= pagesOf(this.#seed, site))
    const page = pages[this.#ranks.draw(random) - 1]
    assert(page !== undefined, 'a page of each rank')
    return page
  }
}

function pagesOf(seed: number, site: number): Page[] {
  const random = new TrafficRandom(Math.imul(seed, 31) + site)
  const named = landmarks.map(([path, title]) => ({ path, title }))
  const written = Array.from({ length: pagesPerSite - named.length }, (_, index) => {
    const slug = Array.from({ length: 2 + random.below(5) }, () => random.of(words))
    const path = `/${random.of(sections)}/${slug.join('-')}-${String(index + 1)}`
    return { path, title: capitalised(slug.join(' ')) }
  })
  return [...named, ...written]
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

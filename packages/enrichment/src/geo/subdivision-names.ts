import { foldedName, looseName } from './folded-name.ts'
import { subdivisionAliases } from './subdivision-aliases.ts'

/** One subdivision of ISO 3166-2 with the names it is known by. */
export interface NamedSubdivision {
  /** `FR-ARA` */
  readonly code: string
  /** ISO 3166-1 alpha-2 of its country, or the code of the subdivision it is part of. */
  readonly parent: string
  readonly name: string
  /** In English, where another source has one. */
  readonly englishName: string | undefined
}

/** Finds the ISO 3166-2 code that a database means by a subdivision's name. */
export class SubdivisionNames {
  /** By country and folded name. */
  readonly #exact = new Map<string, string>()
  /** Without words like "province"; empty where two subdivisions of a country would be the same. */
  readonly #loose = new Map<string, string>()
  /** Of subdivisions that are part of another one. */
  readonly #parents = new Map<string, string>()

  constructor(subdivisions: readonly NamedSubdivision[]) {
    for (const [key, code] of subdivisionAliases) this.#exact.set(key, code)
    // A country's own parts come before the parts of its parts: Central is Uganda's region before anybody's district.
    const isFirstLevel = ({ parent }: NamedSubdivision): boolean => parent.length === 2
    const first = subdivisions.filter(isFirstLevel)
    const below = subdivisions.filter((subdivision) => !isFirstLevel(subdivision))
    for (const { code, parent } of below) this.#parents.set(code, parent)
    // ISO's own names first: CLDR keeps names of codes that have changed hands (Buenos Aires, Sofia, Osh).
    for (const level of [first, below]) {
      for (const { code, name } of level) this.#add(code, name)
      for (const { code, englishName } of level) {
        if (englishName !== undefined && !renumbered.has(code.slice(0, 2))) this.#add(code, englishName)
      }
    }
  }

  /** @returns empty when the country has no such part, or two */
  code(country: string, name: string): string {
    const folded = foldedName(name)
    if (folded === '') return ''
    const exact =
      this.#exact.get(`${country} ${folded}`) ??
      this.#exact.get(`${country} ${folded.replace(/ province$/, '')}`)
    if (exact !== undefined) return exact
    const loose = this.#loose.get(`${country} ${looseName(folded)}`) ?? ''
    // Named after its main district, a region is the whole of which the district is part: Olomouc Region is CZ-71.
    return folded.endsWith(' region') ? (this.#parents.get(loose) ?? loose) : loose
  }

  #add(code: string, name: string): void {
    const country = code.slice(0, 2)
    const folded = foldedName(name)
    const key = `${country} ${folded}`
    if (!this.#exact.has(key)) this.#exact.set(key, code)
    const loose = looseName(folded)
    if (loose === '') return
    const looseKey = `${country} ${loose}`
    const known = this.#loose.get(looseKey)
    if (known === undefined) this.#loose.set(looseKey, code)
    else if (known !== code && !this.#parents.has(code)) this.#loose.set(looseKey, '')
  }
}

/** Countries that gave their codes to other subdivisions, and whose names in CLDR are those of before: Iran, in 2020. */
const renumbered: ReadonlySet<string> = new Set(['IR'])

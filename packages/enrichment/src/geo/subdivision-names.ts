import { foldedName, looseName } from './folded-name.ts'
import { subdivisionAliases } from './subdivision-aliases.ts'

/** One subdivision of ISO 3166-2 with the names it is known by. */
export interface NamedSubdivision {
  /** `FR-ARA` */
  readonly code: string
  /** ISO 3166-1 alpha-2 of its country, or the code of the subdivision it is part of. */
  readonly parent: string
  readonly names: readonly string[]
}

/** Finds the ISO 3166-2 code that a database means by a subdivision's name. */
export class SubdivisionNames {
  /** By country and folded name. */
  readonly #exact = new Map<string, string>()
  /** Without words like "province"; empty where two subdivisions of a country would be the same. */
  readonly #loose = new Map<string, string>()

  constructor(subdivisions: readonly NamedSubdivision[]) {
    for (const [key, code] of subdivisionAliases) this.#exact.set(key, code)
    // A country's own parts come before the parts of its parts: Central is Uganda's region before anybody's district.
    const isFirstLevel = ({ parent }: NamedSubdivision): boolean => parent.length === 2
    for (const subdivision of subdivisions.filter(isFirstLevel)) this.#add(subdivision)
    const below = subdivisions.filter((subdivision) => !isFirstLevel(subdivision))
    for (const subdivision of below) this.#add(subdivision)
  }

  /** @returns empty when the country has no such part, or two */
  code(country: string, name: string): string {
    const folded = foldedName(name)
    if (folded === '') return ''
    const exact = this.#exact.get(`${country} ${folded}`)
    return exact ?? this.#loose.get(`${country} ${looseName(folded)}`) ?? ''
  }

  #add({ code, parent, names }: NamedSubdivision): void {
    const country = code.slice(0, 2)
    for (const name of names) {
      const folded = foldedName(name)
      const key = `${country} ${folded}`
      if (!this.#exact.has(key)) this.#exact.set(key, code)
      const loose = looseName(folded)
      if (loose === '') continue
      const looseKey = `${country} ${loose}`
      const known = this.#loose.get(looseKey)
      if (known === undefined) this.#loose.set(looseKey, code)
      else if (known !== code && parent.length === 2) this.#loose.set(looseKey, '')
    }
  }
}

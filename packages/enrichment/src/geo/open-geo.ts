import { delay } from '@millrace/runtime'
import { givenAsn, packagedAsn, packagedCities, type AsnSource, type DatedSource } from './geo-files.ts'
import { placeOf, type Place, type PlaceNames } from './geo-record.ts'
import { Geo, type GeoSources } from './geo.ts'
import { parseClassListPaths } from './ip-class-files.ts'
import { ListedClasses } from './listed-classes.ts'
import { openMmdb } from './mmdb-file.ts'
import { openPlaceNames } from './place-names.ts'
import { WatchedData, type Look } from './watched-data.ts'

/** Paths of the operator's own data. */
export interface GeoFiles {
  readonly cityDb?: string | undefined
  readonly asnDb?: string | undefined
  readonly anonymousDb?: string | undefined
  /** `class=path,class=path`: lists of addresses and systems; a path names a file, or a folder of them. */
  readonly classLists?: string | undefined
  /** Opened already; undefined: from the packages. */
  readonly names?: PlaceNames
}

export interface GeoWatch {
  /** @param version which data answers from the next event on */
  readonly onReload: (version: string) => void
  /** Called once for a version that cannot be used, not again at each look. */
  readonly onRefused: (error: Error) => void
  readonly pollMs?: number
}

/** A `Geo` whose files are looked after. */
export interface WatchedGeo {
  readonly geo: Geo
  /** Stops looking; resolves when the look in hand has ended. */
  close(): Promise<void>
}

const pollMsDefault = 2_000

/**
 * Opens the geo databases, all at once. Without a path: DB-IP's city files (135 MB in memory) and the AS table
 * from the packages of ip-location-db, and no anonymity database. A path names a MaxMind DB file, MaxMind's or flat.
 * @throws Error with one line that names the file which cannot be used
 */
export async function openGeo(files: GeoFiles): Promise<Geo> {
  return new Geo(sourcesOf(await openParts(files)))
}

/** As `openGeo`; a file that a path names is read again when it changes, looked for by polling. @throws the same */
export async function openWatchedGeo(files: GeoFiles, watch: GeoWatch): Promise<WatchedGeo> {
  const parts = await openParts(files)
  const geo = new Geo(sourcesOf(parts))
  const closing = new AbortController()
  const lookOnce = async (): Promise<void> => {
    const looks: Look[] = []
    // One after the other: two large files at once would be four in memory.
    for (const part of parts.watched) looks.push(await part.look())
    if (looks.some(({ kind }) => kind === 'reloaded')) {
      parts.lists.refresh()
      // Nothing is awaited between two events of a batch, so a batch sees one version.
      geo.use(sourcesOf(parts))
      watch.onReload(geo.version)
    }
    for (const look of looks) if (look.kind === 'refused') watch.onRefused(look.error)
  }
  const looking = (async () => {
    if (parts.watched.length === 0) return
    for (;;) {
      await delay(watch.pollMs ?? pollMsDefault, closing.signal)
      if (closing.signal.aborted) return
      await lookOnce()
    }
  })()
  return {
    geo,
    close: () => {
      closing.abort()
      return looking
    },
  }
}

/** The data behind a `Geo`, each part in its newest good version. */
interface Parts {
  readonly city: { readonly current: DatedSource<unknown> }
  readonly asn: { readonly current: AsnSource }
  readonly anonymity: { readonly current: DatedSource<unknown> } | undefined
  readonly lists: ListedClasses
  readonly names: PlaceNames
  readonly watched: readonly { look(): Promise<Look> }[]
}

async function openParts(files: GeoFiles): Promise<Parts> {
  const { cityDb, asnDb, anonymousDb, classLists } = files
  // What the operator gave comes first: a file that cannot be used stops the start at once.
  const [givenCity, givenSystems, anonymity, lists] = await Promise.all([
    watchFile(cityDb, openMmdb),
    watchFile(asnDb, givenAsn),
    watchFile(anonymousDb, openMmdb),
    ListedClasses.open(parseClassListPaths(classLists)),
  ])
  const names = files.names ?? (await openPlaceNames())
  const city = givenCity ?? { current: await packagedCities() }
  const asn = givenSystems ?? { current: await packagedAsn() }
  const given = [givenCity, givenSystems, anonymity].filter((part) => part !== undefined)
  return { city, asn, anonymity, lists, names, watched: [...given, ...lists.watched] }
}

async function watchFile<Data>(
  path: string | undefined,
  read: (file: string) => Promise<Data>,
): Promise<WatchedData<Data> | undefined> {
  if (path === undefined) return undefined
  const files = [path]
  return WatchedData.open(
    () => Promise.resolve(files),
    () => read(path),
  )
}

/** A network's addresses share its record, and the record its place: names are looked up once for as long as it is kept. */
function rememberedPlaces(cities: DatedSource<unknown>, names: PlaceNames): (ip: string) => Place {
  const places = new WeakMap<object, Place>()
  return (ip) => {
    const record = cities.get(ip)
    if (typeof record !== 'object' || record === null) return placeOf(record, names)
    let place = places.get(record)
    if (place === undefined) {
      place = placeOf(record, names)
      places.set(record, place)
    }
    return place
  }
}

/** The parts as they are now. */
function sourcesOf({ city, asn, anonymity, lists, names }: Parts): GeoSources {
  const [cities, systems, anonymous] = [city.current, asn.current, anonymity?.current]
  const dates = [`city=${cities.date}`, `asn=${systems.date}`]
  if (anonymous !== undefined) dates.push(`anonymous=${anonymous.date}`)
  if (lists.date !== '') dates.push(`lists=${lists.date}`)
  return {
    place: rememberedPlaces(cities, names),
    autonomousSystem: (ip) => systems.get(ip),
    anonymity: (ip) => anonymous?.get(ip),
    listed: (ip, number) => lists.classes(ip, number),
    version: dates.join(' '),
  }
}

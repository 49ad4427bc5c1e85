import { ClassTable } from './class-table.ts'
import type { IpClass } from './ip-class.ts'
import { listFiles, readListFiles, type ClassListPath } from './ip-class-files.ts'
import { WatchedData } from './watched-data.ts'

interface OpenList {
  readonly ipClass: IpClass
  readonly data: WatchedData<Awaited<ReturnType<typeof readListFiles>>>
}

/** The lists of the operator, in one table. */
export class ListedClasses {
  readonly #lists: readonly OpenList[]
  #table: ClassTable | undefined
  #date = ''

  private constructor(lists: readonly OpenList[]) {
    this.#lists = lists
    this.#make()
  }

  /** @throws Error with one line that names the list which cannot be used */
  static async open(paths: readonly ClassListPath[]): Promise<ListedClasses> {
    const lists = paths.map(async ({ ipClass, path }) => {
      return { ipClass, data: await WatchedData.open(() => listFiles(path), readListFiles) }
    })
    return new ListedClasses(await Promise.all(lists))
  }

  /** What changes, for the watch; `refresh` afterwards. */
  get watched(): readonly OpenList['data'][] {
    return this.#lists.map(({ data }) => data)
  }

  /** `YYYY-MM-DD` of the newest file; empty without one. */
  get date(): string {
    return this.#date
  }

  classes(ip: string, asn: number): readonly IpClass[] {
    return this.#table?.classes(ip, asn) ?? none
  }

  /** Takes over the lists as they are now. */
  refresh(): void {
    this.#make()
  }

  #make(): void {
    if (this.#lists.length === 0) return
    const lists = this.#lists.map(({ ipClass, data }) => ({ ipClass, ...data.current }))
    this.#table = new ClassTable(lists)
    const newest = Math.max(...lists.map(({ changedAt }) => changedAt.getTime()))
    this.#date = new Date(newest).toISOString().slice(0, 10)
  }
}

const none: readonly IpClass[] = []

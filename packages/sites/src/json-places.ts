/** What keeps text from being read. `JSON.parse` names a place only for some faults, and quotes what may be a key. */
export interface JsonFault {
  /** Index into the text. */
  readonly at: number
  /** Never quotes the text. */
  readonly reason: string
}

/** A sites file nests six levels; the scan is recursive. */
const nestingMax = 100

/** The first fault of text that is no JSON, or that names a key of one object twice: `JSON.parse` would drop the first. */
export function findJsonFault(text: string): JsonFault | undefined {
  try {
    new JsonScan(text, []).run()
    return undefined
  } catch (error) {
    if (error instanceof Fault) return { at: error.at, reason: error.message }
    throw error
  }
}

/**
 * Index of the value at the path, or of the nearest value around it where the path leads nowhere.
 * @param text JSON without a fault
 * @param options.ofKey index of the last part's key instead of its value
 */
export function placeOf(
  text: string,
  path: readonly PropertyKey[],
  options: { readonly ofKey?: boolean } = {},
): number {
  const scan = new JsonScan(text, path)
  scan.run()
  return options.ofKey === true && scan.keyAt !== undefined ? scan.keyAt : scan.valueAt
}

/** Such as `line 3, column 36`, both from 1; a column is a UTF-16 unit. */
export function formatPlace(text: string, at: number): string {
  const before = text.slice(0, at).split('\n')
  return `line ${String(before.length)}, column ${String((before.at(-1) ?? '').length + 1)}`
}

class Fault extends Error {
  override readonly name = 'Fault'
  readonly at: number

  constructor(at: number, reason: string) {
    super(reason)
    this.at = at
  }
}

const blanks = /[ \t\n\r]*/y
const string = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y
const word = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/** Reads JSON text (RFC 8259) once from start to end and remembers where the parts of a path begin. */
class JsonScan {
  /** Of the deepest value found on the path. */
  valueAt = 0
  /** Of the key of the whole path; undefined when it has none or leads nowhere. */
  keyAt: number | undefined
  readonly #text: string
  readonly #path: readonly PropertyKey[]
  #at = 0

  constructor(text: string, path: readonly PropertyKey[]) {
    this.#text = text
    this.#path = path
  }

  run(): void {
    this.#value(0, true)
    this.#skip(blanks)
    if (this.#at < this.#text.length) throw new Fault(this.#at, 'nothing may follow')
  }

  /** @param isOnPath whether everything around this value is on the path */
  #value(depth: number, isOnPath: boolean): void {
    this.#skip(blanks)
    if (isOnPath) this.valueAt = this.#at
    const opening = this.#text[this.#at]
    if (opening === '{' || opening === '[') {
      if (depth === nestingMax) throw new Fault(this.#at, 'nested too deeply')
      this.#at++
      if (opening === '{') this.#members(depth, isOnPath)
      else this.#items(depth, isOnPath)
    } else if (opening === '"') this.#string('a string without an end, or with what a string may not hold')
    else if (!this.#skip(word)) throw new Fault(this.#at, 'expected a value')
  }

  #members(depth: number, isOnPath: boolean): void {
    const seen = new Set<string>()
    if (this.#takes('}')) return
    do {
      this.#skip(blanks)
      const keyAt = this.#at
      const key = JSON.parse(this.#string('expected a key in quotes')) as string
      if (seen.has(key)) throw new Fault(keyAt, 'the object has this key already')
      seen.add(key)
      if (!this.#takes(':')) throw new Fault(this.#at, 'expected a colon')
      const isWanted = isOnPath && this.#path[depth] === key
      if (isWanted && this.#path.length === depth + 1) this.keyAt = keyAt
      this.#value(depth + 1, isWanted)
    } while (this.#takes(','))
    if (!this.#takes('}')) throw new Fault(this.#at, 'expected a comma or }')
  }

  #items(depth: number, isOnPath: boolean): void {
    if (this.#takes(']')) return
    let index = 0
    do this.#value(depth + 1, isOnPath && this.#path[depth] === index++)
    while (this.#takes(','))
    if (!this.#takes(']')) throw new Fault(this.#at, 'expected a comma or ]')
  }

  #string(otherwise: string): string {
    const start = this.#at
    if (!this.#skip(string)) throw new Fault(start, otherwise)
    return this.#text.slice(start, this.#at)
  }

  /** Blanks, then the character, if it comes next. */
  #takes(character: string): boolean {
    this.#skip(blanks)
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    if (!pattern.test(this.#text)) return false
    this.#at = pattern.lastIndex
    return true
  }
}

import { isJsonObject } from '../json-text.ts'
import { concealEmails } from '../email.ts'

/** A value nested deeper is no whole value. */
export const valueDepthMax = 32

/** Names of what is a secret wherever it stands. */
const secretName = 'api_token'

/** How a site wants its visitors' emails. */
export interface EmailRule {
  readonly keepsEmails: boolean
}

/** A text as it may be stored: emails in it as the SHA-256 hex of their lower-case form, unless the site keeps emails. */
export function storableText(text: string, { keepsEmails }: EmailRule): string {
  return keepsEmails ? text : concealEmails(text)
}

export interface StorableJson {
  readonly text: string
  /** False where it was too long or too deep, and ends somewhere. */
  readonly isWhole: boolean
}

/**
 * A value as compact JSON text, its texts and names storable and no token in it. Written by hand, since JSON.stringify would
 * write all of what is then thrown away, and exhaust the stack on a deep value.
 * @param value of JSON
 * @param options.charsMax where the writing ends, at the next value
 */
export function storableJson(
  value: unknown,
  { rule, charsMax }: { readonly rule: EmailRule; readonly charsMax: number },
): StorableJson {
  const writer = new JsonWriter(rule, charsMax)
  writer.write(value, valueDepthMax)
  return writer
}

class JsonWriter implements StorableJson {
  readonly #rule: EmailRule
  readonly #charsMax: number
  text = ''
  isWhole = true

  constructor(rule: EmailRule, charsMax: number) {
    this.#rule = rule
    this.#charsMax = charsMax
  }

  /** @param depthLeft goes no deeper than this */
  write(value: unknown, depthLeft: number): void {
    if (typeof value === 'string') this.text += JSON.stringify(storableText(value, this.#rule))
    else if (typeof value !== 'object' || value === null) this.text += JSON.stringify(value ?? null)
    else if (depthLeft === 0) this.#giveUp()
    else if (isJsonObject(value)) this.#writeObject(value, depthLeft - 1)
    else this.#writeList(value as readonly unknown[], depthLeft - 1)
    if (this.text.length > this.#charsMax) this.#giveUp()
  }

  #giveUp(): void {
    this.isWhole = false
  }

  #writeList(list: readonly unknown[], depthLeft: number): void {
    this.text += '['
    for (const [index, value] of list.entries()) {
      if (index > 0) this.text += ','
      this.write(value, depthLeft)
      if (!this.isWhole) return
    }
    this.text += ']'
  }

  #writeObject(object: Readonly<Record<string, unknown>>, depthLeft: number): void {
    this.text += '{'
    let isFirst = true
    for (const name of Object.keys(object)) {
      if (name === secretName) continue
      this.text += `${isFirst ? '' : ','}${JSON.stringify(storableText(name, this.#rule))}:`
      isFirst = false
      this.write(object[name], depthLeft)
      if (!this.isWhole) return
    }
    this.text += '}'
  }
}

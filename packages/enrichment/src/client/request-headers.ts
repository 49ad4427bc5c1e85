/** HTTP headers as Node gives them: names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * A header's text, empty when absent; of a repeated one the first occurrence, or all of them as one list. Node gives repeats
 * as a list already, so the first is what stands before a comma: only for headers that hold none themselves.
 */
export function headerText(headers: RequestHeaders, name: string, repeated: 'first' | 'joined'): string {
  const value = headers[name]
  if (value === undefined) return ''
  const text = typeof value === 'string' ? value : value.join(',')
  if (repeated === 'joined') return text
  const comma = text.indexOf(',')
  return comma === -1 ? text : text.slice(0, comma)
}

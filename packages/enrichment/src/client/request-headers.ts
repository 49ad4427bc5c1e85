/** HTTP headers as Node gives them: names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** A header's text, empty when absent; of a repeated one the first occurrence, or all of them as one list. */
export function headerText(headers: RequestHeaders, name: string, repeated: 'first' | 'joined'): string {
  const value = headers[name]
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  return repeated === 'first' ? (value[0] ?? '') : value.join(',')
}

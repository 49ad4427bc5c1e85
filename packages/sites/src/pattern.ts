/** A page or hostname rule: text in which `*` and `**` stand for any run of characters, slashes and dots included. */
export interface Pattern {
  readonly text: string
  /** Whether the rule matches the whole of the value. */
  matches(value: string): boolean
}

/**
 * Compiles a rule once. Everything but `*` is literal and both ends are anchored. The literals between stars are looked
 * for from the left, each once, so that no rule can backtrack.
 */
export function compilePattern(text: string): Pattern {
  const [prefix = '', ...others] = text.split(/\*+/)
  const suffix = others.pop()
  if (suffix === undefined) return { text, matches: (value) => value === text }
  const shortest = prefix.length + suffix.length
  return {
    text,
    matches: (value) => {
      if (value.length < shortest || !value.startsWith(prefix) || !value.endsWith(suffix)) return false
      return holdsInOrder(value.slice(prefix.length, value.length - suffix.length), others)
    },
  }
}

function holdsInOrder(value: string, literals: readonly string[]): boolean {
  let at = 0
  for (const literal of literals) {
    const found = value.indexOf(literal, at)
    if (found === -1) return false
    at = found + literal.length
  }
  return true
}

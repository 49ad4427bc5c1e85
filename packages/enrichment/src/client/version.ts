/** The first two dot-separated parts: `70.0.3538.77` is `70.0`, `10` stays `10`; empty when there is no version. */
export function majorMinor(version: string | undefined): string {
  if (version === undefined) return ''
  const first = version.indexOf('.')
  const second = first < 0 ? -1 : version.indexOf('.', first + 1)
  return second < 0 ? version : version.slice(0, second)
}

/** A path as its route is called: one slash where there are several in a row, and none at the end. */
export function routePath(path: string): string {
  const single = path.replace(/\/{2,}/g, '/')
  return single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single
}

export interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

/** What `Promise.withResolvers` does, which Node 20 does not have. */
export function deferred<T>(): Deferred<T> {
  let resolve: ((value: T) => void) | undefined
  let reject: ((error: unknown) => void) | undefined
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  if (resolve === undefined || reject === undefined)
    throw new Error('bug: a promise runs its executor at once')
  return { promise, resolve, reject }
}

/** The promises every run is held to. */
export type PromiseName =
  | 'accepted events are stored'
  | 'nothing is stored twice'
  | 'nothing is invented'
  | 'sessions are those of the rules'
  | 'the audit is empty'
  | 'the books miss nothing'
  | 'a replay gives the same rows'
  | 'everything settles'

export interface BrokenPromise {
  readonly promise: PromiseName
  readonly detail: string
}

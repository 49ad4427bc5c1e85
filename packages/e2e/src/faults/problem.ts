/** Something that is not as it was promised. */
export interface Problem {
  readonly kind: ProblemKind
  readonly detail: string
}

export type ProblemKind =
  | 'lost'
  | 'doubled'
  | 'unknown'
  | 'wrong place'
  | 'altered'
  | 'out of order'
  | 'wrong session'
  | 'audit'
  | 'unexpected answer'
  /** The round could not be carried out: a service did not start, a fault could not be made. */
  | 'not carried out'

/** What a fault hit and when it was over; times are of `performance.now`. */
export interface Hit {
  /** Such as `sink 2`; empty when it found nothing to hit. */
  readonly target: string
  readonly startedAt: number
  /**
   * The process is started again, the server serves again, the frozen one goes on, the last held request is through,
   * the disk has room: from now on everything may recover.
   */
  readonly endedAt: number
  readonly note?: string
}
